import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ActiveShape } from './active-shape.ts';
import { Gate } from './gate.ts';
import { mintHandle } from './handle.ts';
import { makeSnapshot, SnapshotOutdated } from './snapshot.ts';
import type { Snapshot, SnapshotContext } from './snapshot.ts';
import type { SnapshotSlot } from './snapshot-slot.ts';

/** Snapshots made at the same time; each holds a connection. */
const MAX_MAKING = 4;
/** Snapshots waiting to be made. */
const MAX_QUEUED = 5_000;
/** Bytes of all finished snapshots together. */
const MAX_BYTES = 1024 * 1024 * 1024;
/** A snapshot is not given to new readers after this long: they would only have more to catch up with. */
const MAX_AGE_MS = 300_000;

export interface SnapshotStoreOptions extends SnapshotContext {
  readonly dir: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Snapshots of the shapes in use: made once for many readers, thrown away freely. */
export class SnapshotStore {
  readonly #options: SnapshotStoreOptions;
  readonly #gate = new Gate('snapshots', MAX_MAKING, MAX_QUEUED);
  /** Finished ones, the longest unused first. */
  readonly #ready = new Map<Snapshot, ActiveShape>();
  readonly #disposals = new Set<Promise<void>>();
  #bytes = 0;

  constructor(options: SnapshotStoreOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A snapshot slot whose handle is not `refused`: the present one if it is still good, or a new one. */
  slotFor(active: ActiveShape, refused: string | null): SnapshotSlot {
    const present = active.slot;
    if (present !== null && present.handle !== refused && this.#isGood(active, present)) return present;
    this.#drop(active);
    const promised = active.promised === refused ? null : active.promised;
    active.promised = null;
    const handle = promised ?? this.mint(active);
    const making = this.#gate.run(() => {
      const path = join(this.#options.dir, `${randomUUID()}.snapshot`);
      return makeSnapshot(this.#options, active.shape, path);
    });
    const slot: SnapshotSlot = {
      handle,
      madeAtMs: this.#options.clock.now().getTime(),
      making,
      snapshot: null,
    };
    active.slot = slot;
    making.then(
      (snapshot) => this.#keep(active, slot, snapshot),
      (error: unknown) => {
        if (active.slot === slot) active.slot = null;
        if (error instanceof SnapshotOutdated) return;
        this.#options.logger.warn({ err: error, table: active.shape.table.table }, 'a snapshot failed');
      },
    );
    return slot;
  }

  /** The handle to go on with after `refused`; its snapshot is made when it is asked for. */
  handleAfter(active: ActiveShape, refused: string | null): string {
    const { slot } = active;
    if (slot !== null && slot.handle !== refused && this.#isGood(active, slot)) return slot.handle;
    if (active.promised === null || active.promised === refused) active.promised = this.mint(active);
    return active.promised;
  }

  /** A handle that was never given before. */
  mint(active: ActiveShape): string {
    const { changeLog, random } = this.#options;
    return mintHandle(active.shape.hash, changeLog.position(), random);
  }

  /** Throws a shape's snapshot away. */
  forget(active: ActiveShape): void {
    this.#drop(active);
  }

  /** Deletes all snapshots. */
  async close(): Promise<void> {
    for (const snapshot of [...this.#ready.keys()]) this.#dispose(snapshot);
    await Promise.all(this.#disposals);
  }

  #isGood(active: ActiveShape, slot: SnapshotSlot): boolean {
    if (this.#options.clock.now().getTime() - slot.madeAtMs > MAX_AGE_MS) return false;
    const end = slot.snapshot?.end;
    if (end === undefined) return true;
    return this.#options.changeLog.covers(end) && active.view.continuesAt(end);
  }

  #keep(active: ActiveShape, slot: SnapshotSlot, snapshot: Snapshot): void {
    slot.snapshot = snapshot;
    this.#bytes += snapshot.file.bytes;
    this.#ready.set(snapshot, active);
    // Dropped while it was being made: whoever waits for it reads it first.
    if (active.slot !== slot) setImmediate(() => this.#dispose(snapshot));
    for (const [oldest, owner] of this.#ready) {
      if (this.#bytes <= MAX_BYTES || oldest === snapshot) break;
      if (owner.slot?.snapshot === oldest) owner.slot = null;
      this.#dispose(oldest);
    }
  }

  #drop(active: ActiveShape): void {
    const snapshot = active.slot?.snapshot ?? null;
    active.slot = null;
    if (snapshot !== null) this.#dispose(snapshot);
  }

  #dispose(snapshot: Snapshot): void {
    if (!this.#ready.delete(snapshot)) return;
    this.#bytes -= snapshot.file.bytes;
    const disposal = snapshot.file.dispose().finally(() => this.#disposals.delete(disposal));
    this.#disposals.add(disposal);
  }
}
