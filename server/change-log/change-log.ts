import type { LogOffset } from '@halo/shapes/protocol/offset.ts';

/** Values of one row in the order of its relation's columns: Postgres's own text, or null. */
export type Tuple = readonly (string | null)[];

export interface LogColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  /** Part of the replica identity; with REPLICA IDENTITY FULL true for every column. */
  readonly identity: boolean;
  /** Number in the table: a column dropped and made again is another one. Undefined where it could not be told. */
  readonly number?: number;
  /** Place in the primary key, from zero; null outside it, undefined where it could not be told. */
  readonly keyIndex?: number | null;
}

/** A table as it was described in the WAL when the change was made. */
export interface LogRelation {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly LogColumn[];
}

/**
 * One row operation. `position` counts the transaction's operations on published tables in steps of two,
 * from zero: a change of primary key is told as a delete at n and an insert at n + 1. Values that an update
 * did not touch (unchanged TOAST) are already filled in from the old row.
 */
export interface LogChange {
  readonly operation: 'insert' | 'update' | 'delete' | 'truncate';
  readonly relation: LogRelation;
  readonly position: number;
  readonly old: Tuple | null;
  readonly new: Tuple | null;
}

/**
 * A committed transaction, or a piece of a very large one: pieces follow each other directly, and only the
 * last has `last: true`. Pieces of a transaction are readable only once the whole of it is in the log.
 */
export interface LogChunk {
  /** LSN of the commit record. */
  readonly lsn: bigint;
  /** Whole id of the transaction, never only its low 32 bits: ids of any age can be compared. */
  readonly xid: number;
  readonly changes: readonly LogChange[];
  readonly last: boolean;
}

/**
 * The durable, ordered record of committed transactions decoded from the WAL (invariants 3 and 4), as its
 * readers see it. Transactions become readable in commit order as soon as they are written; they are
 * confirmed to Postgres only once they are synced to disk, so whatever a crash cuts off is sent again at
 * the same positions.
 */
export interface ChangeLog {
  /** Names the history that positions belong to; part of every handle. */
  readonly epoch: string;
  /** Transactions at or before this LSN may be missing (trimmed, or older than the log). */
  start(): bigint;
  /** Every transaction committed at or before this LSN, and none after it, is readable. */
  position(): bigint;
  /**
   * Transactions at or before this LSN have half of their time in the log behind them, or are as far from being trimmed
   * for its size: who stands there, and is there, is to be moved on before they go.
   */
  aging(): bigint;
  /** Whether everything after `offset` can still be read. */
  covers(offset: LogOffset): boolean;
  /** The pieces after `offset`, up to the position at the time of the call. */
  read(after: LogOffset): AsyncIterable<LogChunk>;
  /**
   * An offset that every readable transaction with an id at or after `xid` lies behind. Not tight: a reader
   * still looks at each transaction's id.
   */
  offsetBefore(xid: number): LogOffset;
  /** Resolves once the position has reached `lsn`; rejects when `signal` aborts. */
  whenReached(lsn: bigint, signal: AbortSignal): Promise<void>;
  /** Calls `listener` after each advance of the position; returns how to stop. */
  onAdvance(listener: () => void): () => void;
}

/** The log as replication sees it: the only writer. */
export interface ChangeLogWriter {
  /** Adds a piece of the transaction that is being received; not readable before `commit`. */
  append(chunk: Omit<LogChunk, 'last'>): Promise<void>;
  /** Makes the appended pieces one readable transaction. */
  commit(lsn: bigint): Promise<void>;
  /** Forgets pieces appended since the last commit (the connection broke in mid-transaction). */
  abandon(): void;
  /** Says that no transaction committed at or before `lsn` is still to come. */
  advance(lsn: bigint): Promise<void>;
  /** Syncs to disk; afterwards everything up to the returned LSN may be confirmed to Postgres. */
  sync(): Promise<bigint>;
  /** Last LSN known to be on disk. */
  durable(): bigint;
  /** Throws the contents away: the log now begins after `lsn` (the slot was lost, or the epoch is new). */
  reset(epoch: string, lsn: bigint): Promise<void>;
}
