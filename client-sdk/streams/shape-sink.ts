import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import type { StreamPosition } from './shape-request.ts';

/** Where reading goes on. */
export interface ResumePoint {
  readonly phase: 'snapshot' | 'catch_up';
  readonly position: StreamPosition;
}

/** Where a stream puts what it reads. Each call resolves when its effect is committed, rows and position together. */
export interface ShapeSink {
  /**
   * The stored position, or that of a snapshot under way. Comes first, for all streams before any runs, and again
   * whenever something could not be stored.
   */
  resume(): Promise<ResumePoint>;
  /** A snapshot begins: what an earlier one left half-built is dropped. Rows in sight stay. */
  beginSnapshot(): Promise<void>;
  /** A part of the snapshot; nobody sees it yet. */
  addToSnapshot(changes: readonly ChangeMessage[], position: StreamPosition): Promise<void>;
  /** The snapshot is complete as of `lsn`: its rows take the place of those in sight, at once. */
  publishSnapshot(position: StreamPosition, lsn: bigint | undefined): Promise<void>;
  /** Whole transactions of the log up to `lsn`. Rejects with `ReplicaDiverged` where they do not fit the rows. */
  apply(changes: readonly ChangeMessage[], position: StreamPosition, lsn: bigint | undefined): Promise<void>;
  /** Whether siblings shall wait for this stream: false while it has no contact. */
  count(counted: boolean): void;
}

/** The log speaks of a row that the replica does not have: only a new snapshot mends that. */
export class ReplicaDiverged extends Error {}
