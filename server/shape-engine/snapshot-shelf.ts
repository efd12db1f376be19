import type { Clock } from '../platform/clock.ts';
import type { ShapeBody } from './shape-engine.ts';
import type { Snapshot } from './snapshot.ts';

/** A snapshot that new readers no longer get stays for the readers in the middle of it, in ms after its last use. */
const KEPT_AFTER_USE_MS = 300_000;
/** A reader in the middle of a snapshot comes for his next chunk within this time, in milliseconds. */
const NEXT_CHUNK_MS = 60_000;

interface Held {
  readonly handle: string;
  readonly snapshot: Snapshot;
  lastUsedMs: number;
  /** Bodies that were begun and not released. */
  open: number;
  /** New readers get another one. */
  replaced: boolean;
  /** Nobody finds it any more; its bytes count until the last body is released. */
  gone: boolean;
}

/**
 * Finished snapshots by the handle they are given out under. A reader takes a snapshot in several requests, so
 * one that has been replaced stays for as long as it is in use; when space is needed, those go first whose last
 * use lies furthest back, and never one that is being sent.
 */
export class SnapshotShelf {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  /** The longest unused first. */
  readonly #held = new Map<string, Held>();
  readonly #disposals = new Set<Promise<void>>();
  #bytes = 0;

  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
  }

  /** Bytes of all snapshots, those included that are gone but still being sent. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Makes room where there is none, at the cost of those that nobody reads. False while those that are being read
   * take all the space: no snapshot should be made then.
   */
  makeRoom(): boolean {
    const nowMs = this.#nowMs();
    // Of thousands of snapshots as few are looked at as need be: this runs for each that is made.
    for (const held of this.#held.values()) {
      if (this.#hasRoom) break;
      // Of one chunk there is no middle; only whoever has waited for it must get to take it.
      const isReadForMs = held.snapshot.file.chunks === 1 ? 0 : NEXT_CHUNK_MS;
      if (held.open === 0 && nowMs - held.lastUsedMs > isReadForMs) this.#remove(held);
    }
    return this.#hasRoom;
  }

  /** Keeps a snapshot, at the cost of those unused for longest. */
  add(handle: string, snapshot: Snapshot): void {
    const lastUsedMs = this.#nowMs();
    this.#held.set(handle, { handle, snapshot, lastUsedMs, open: 0, replaced: false, gone: false });
    this.#bytes += snapshot.file.bytes;
    for (const held of this.#held.values()) {
      if (this.#hasRoom || held.handle === handle) return;
      if (held.open === 0) this.#remove(held);
    }
  }

  /** The snapshot of a handle; undefined when it is not here, or no longer. */
  find(handle: string): Snapshot | undefined {
    return this.#held.get(handle)?.snapshot;
  }

  /** Whether a body of it is being sent. */
  isOpen(handle: string): boolean {
    return (this.#held.get(handle)?.open ?? 0) > 0;
  }

  /** One chunk's bytes, which keep the snapshot until they are released; undefined when it is not here. */
  body(handle: string, chunk: number): ShapeBody | undefined {
    const held = this.#held.get(handle);
    if (held === undefined) return undefined;
    const body = held.snapshot.file.body(chunk);
    held.open += 1;
    this.#touch(held);
    let released = false;
    return {
      length: body.length,
      bytes: body.bytes,
      pieces: () => body.pieces(),
      release: () => {
        if (released) return;
        released = true;
        body.release();
        held.open -= 1;
        this.#released(held);
      },
    };
  }

  /** New readers get another snapshot from now on; this one stays for those who are in the middle of it. */
  replace(handle: string): void {
    const held = this.#held.get(handle);
    if (held === undefined) return;
    held.replaced = true;
    if (isOfNoUse(held)) this.#remove(held);
  }

  /** Removes a snapshot now; what is being sent of it is sent to its end. */
  remove(handle: string): void {
    const held = this.#held.get(handle);
    if (held !== undefined) this.#remove(held);
  }

  /** Removes what was replaced and then not used for a while. */
  sweep(): void {
    const before = this.#nowMs() - KEPT_AFTER_USE_MS;
    for (const held of this.#held.values()) {
      if (held.replaced && held.open === 0 && held.lastUsedMs < before) this.#remove(held);
    }
  }

  /** Removes everything, and waits for the files to be deleted that nobody reads. */
  async close(): Promise<void> {
    for (const held of this.#held.values()) this.#remove(held);
    await Promise.all(this.#disposals);
  }

  #released(held: Held): void {
    if (held.gone) {
      if (held.open === 0) this.#bytes -= held.snapshot.file.bytes;
      return;
    }
    this.#touch(held);
    if (isOfNoUse(held)) this.#remove(held);
  }

  #touch(held: Held): void {
    held.lastUsedMs = this.#nowMs();
    this.#held.delete(held.handle);
    this.#held.set(held.handle, held);
  }

  #remove(held: Held): void {
    this.#held.delete(held.handle);
    held.gone = true;
    if (held.open === 0) this.#bytes -= held.snapshot.file.bytes;
    const disposal = held.snapshot.file.dispose().finally(() => this.#disposals.delete(disposal));
    this.#disposals.add(disposal);
  }

  get #hasRoom(): boolean {
    return this.#bytes <= this.#maxBytes;
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}

/** Nobody comes back for a part of a snapshot that is one chunk. */
function isOfNoUse({ replaced, open, snapshot }: Held): boolean {
  return replaced && open === 0 && snapshot.file.chunks === 1;
}
