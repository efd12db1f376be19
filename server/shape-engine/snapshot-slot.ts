import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import type { Snapshot, SnapshotContext } from './snapshot.ts';

/** A snapshot made, or being made, under the handle that it will be given out with. */
export interface SnapshotSlot {
  readonly handle: string;
  readonly madeAtMs: number;
  readonly making: Promise<Snapshot>;
  /** Set when it is ready. */
  snapshot: Snapshot | null;
}

/** A shape as far as its snapshots are concerned. */
export interface SnapshotOwner {
  readonly shape: ResolvedShape;
  readonly view: { continuesAt(offset: LogOffset): boolean };
  slot: SnapshotSlot | null;
  /** A handle given with a 409, under which the next snapshot will be made. */
  promised: string | null;
  /** Snapshots that were made of it, and the time that took, in milliseconds. */
  readonly made: { count: number; ms: number };
  /** Makes a snapshot at `path`, where it is not made as those of most shapes are. */
  readonly makeSnapshot?: (context: SnapshotContext, path: string) => Promise<Snapshot>;
}
