import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { isHaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Barriers } from './barrier.ts';
import { busy, Gate } from '../platform/gate.ts';
import { mintHandle } from './handle.ts';
import { makeSnapshot } from './snapshot.ts';
import type { Snapshot, SnapshotContext } from './snapshot.ts';
import type { ShapeBody } from './shape-engine.ts';
import { SnapshotOutdated, SnapshotRows } from './snapshot-rows.ts';
import type { SnapshotRowsContext } from './snapshot-rows.ts';
import { SnapshotShelf } from './snapshot-shelf.ts';
import type { SnapshotOwner, SnapshotSlot } from './snapshot-slot.ts';

/** Snapshots made at the same time: few have their rows read, the others wait for that or for the log. */
const MAX_MAKING = 64;
/** Snapshots waiting to be made. */
const MAX_QUEUED = 5_000;
/** Bytes of the finished snapshots in files; those being made come on top. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
/** The same for those that are so small that they never became a file. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
/** A snapshot is not given to new readers after this long: they would only have more to catch up with. */
const MAX_AGE_MS = 300_000;

export interface SnapshotStoreOptions extends SnapshotRowsContext {
  readonly barriers: Barriers;
  readonly dir: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Snapshots of the shapes in use: made once for many readers, replaced freely. */
export class SnapshotStore {
  readonly #options: SnapshotStoreOptions;
  readonly #gate = new Gate('snapshots', MAX_MAKING, MAX_QUEUED);
  readonly #context: SnapshotContext;
  readonly #files: SnapshotShelf;
  readonly #memory: SnapshotShelf;

  constructor(options: SnapshotStoreOptions) {
    this.#options = options;
    const { pool, changeLog, barriers, signal } = options;
    const rows = new SnapshotRows({ pool, changeLog, signal });
    this.#context = { pool, changeLog, signal, rows, barriers };
    this.#files = new SnapshotShelf(options.clock, MAX_FILE_BYTES);
    this.#memory = new SnapshotShelf(options.clock, MAX_MEMORY_BYTES);
  }

  get bytes(): number {
    return this.#files.bytes + this.#memory.bytes;
  }

  /** Snapshots that wait to be made. */
  get queued(): number {
    return this.#gate.queued;
  }

  /**
   * A snapshot slot whose handle is not `refused`: the present one if it is still good, or a new one. Who asks for the
   * promised handle was refused the present one, whatever still speaks for it here.
   */
  slotFor(active: SnapshotOwner, asked: string | null, refused: string | null): SnapshotSlot {
    const present = active.slot;
    const wantsOther = present?.handle === refused || (asked !== null && asked === active.promised);
    if (present !== null && !wantsOther && this.#isGood(active, present)) return present;
    this.replace(active);
    const promised = active.promised === refused ? null : active.promised;
    active.promised = null;
    const handle = promised ?? this.mint(active);
    const making = this.#gate.run(async () => {
      if (!this.#files.makeRoom() || !this.#memory.makeRoom()) throw busy('snapshots in use');
      const path = join(this.#options.dir, `${randomUUID()}.snapshot`);
      return active.makeSnapshot?.(this.#context, path) ?? makeSnapshot(this.#context, active.shape, path);
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
        if (error instanceof SnapshotOutdated || isHaloError(error, 'where_failed')) return;
        this.#options.logger.warn({ err: error, table: active.shape.table.table }, 'a snapshot failed');
      },
    );
    return slot;
  }

  /** The handle to go on with after `refused`; its snapshot is made when it is asked for. */
  handleAfter(active: SnapshotOwner, refused: string | null): string {
    const { slot } = active;
    if (slot !== null && slot.handle !== refused && this.#isGood(active, slot)) return slot.handle;
    if (active.promised === null || active.promised === refused) active.promised = this.mint(active);
    return active.promised;
  }

  /** A handle that was never given before. */
  mint(active: SnapshotOwner): string {
    const { changeLog, random } = this.#options;
    return mintHandle(active.shape.hash, changeLog.position(), random);
  }

  /** The snapshot under `handle`, also one that was replaced, while the log still goes on from its end. */
  find(active: SnapshotOwner, handle: string): Snapshot | undefined {
    const snapshot = this.#shelfOf(handle).find(handle);
    return snapshot !== undefined && this.#goesOn(active, snapshot) ? snapshot : undefined;
  }

  /** One chunk of the snapshot under `handle`; undefined when it had to make room for others meanwhile. */
  body(handle: string, chunk: number): ShapeBody | undefined {
    return this.#shelfOf(handle).body(handle, chunk);
  }

  /** Whether a shape's snapshot is being made or sent. */
  isInUse({ slot }: SnapshotOwner): boolean {
    return slot !== null && (slot.snapshot === null || this.#shelfOf(slot.handle).isOpen(slot.handle));
  }

  /** Gives a shape's snapshot to no new reader; those in the middle of it go on. */
  replace(active: SnapshotOwner): void {
    const { slot } = active;
    active.slot = null;
    if (slot !== null) this.#shelfOf(slot.handle).replace(slot.handle);
  }

  /** Throws a shape's snapshot away: its table is another now. */
  forget(active: SnapshotOwner): void {
    const { slot } = active;
    active.slot = null;
    if (slot !== null) this.#shelfOf(slot.handle).remove(slot.handle);
  }

  /** Deletes the snapshots that were replaced and are not read any more. */
  sweep(): void {
    this.#files.sweep();
    this.#memory.sweep();
  }

  /** Deletes all snapshots. */
  async close(): Promise<void> {
    await Promise.all([this.#files.close(), this.#memory.close()]);
  }

  #shelfOf(handle: string): SnapshotShelf {
    return this.#memory.find(handle) === undefined ? this.#files : this.#memory;
  }

  #isGood(active: SnapshotOwner, { handle, madeAtMs, snapshot }: SnapshotSlot): boolean {
    // One that is being made is new enough for everyone who waits for it.
    if (snapshot === null) return true;
    if (this.#options.clock.now().getTime() - madeAtMs > MAX_AGE_MS) return false;
    return this.#shelfOf(handle).find(handle) === snapshot && this.#goesOn(active, snapshot);
  }

  #goesOn(active: SnapshotOwner, { end }: Snapshot): boolean {
    return this.#options.changeLog.covers(end) && active.view.continuesAt(end);
  }

  #keep(active: SnapshotOwner, slot: SnapshotSlot, snapshot: Snapshot): void {
    slot.snapshot = snapshot;
    active.made.count += 1;
    active.made.ms += this.#options.clock.now().getTime() - slot.madeAtMs;
    const shelf = snapshot.file.inMemory ? this.#memory : this.#files;
    shelf.add(slot.handle, snapshot);
    // Replaced while it was being made: whoever waits for it takes its first chunk before it may go.
    if (active.slot !== slot) setImmediate(() => shelf.replace(slot.handle));
  }
}
