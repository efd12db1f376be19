import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import type { StreamPosition } from './shape-request.ts';

/** Where reading goes on. */
export interface ResumePoint {
  readonly phase: 'snapshot' | 'catch_up';
  readonly position: StreamPosition;
}

/** `lost` may come back at any time; `refused` needs somebody to do something. */
export type Contact = 'here' | 'lost' | 'refused';

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
  /**
   * The snapshot is complete as of `lsn`: its rows take the place of those in sight, at once. False when rows of other
   * shapes are in sight that are newer: it is to be read on first.
   */
  publishSnapshot(position: StreamPosition, lsn: bigint | undefined): Promise<boolean>;
  /** Whole transactions of the log up to `lsn`. Rejects with `ReplicaDiverged` where they do not fit the rows. */
  apply(changes: readonly ChangeMessage[], position: StreamPosition, lsn: bigint | undefined): Promise<void>;
  /** How the stream stands with the server, and so whether its siblings shall wait for it. */
  contact(contact: Contact): void;
}

/** The log speaks of a row that the replica does not have: only a new snapshot mends that. */
export class ReplicaDiverged extends Error {}
