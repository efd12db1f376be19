import type { Snapshot } from './snapshot.ts';

/** A snapshot made, or being made, under the handle that it will be given out with. */
export interface SnapshotSlot {
  readonly handle: string;
  readonly madeAtMs: number;
  readonly making: Promise<Snapshot>;
  /** Set when it is ready. */
  snapshot: Snapshot | null;
}
