import type { ShapeColumn } from '@halo/shapes/catalog/shape.ts';
import type { Checksum } from '@halo/shapes/protocol/checksum.ts';
import type { Offset } from '@halo/shapes/protocol/offset.ts';

/** What an update carries: key and changed columns, or the whole row with the old values of what changed. */
export type ReplicaMode = 'default' | 'full';

/** What a shape begins with: the rows that are there, or none of them and only what changes from then on. */
export type LogMode = 'full' | 'changes_only';

/** A shape as it is asked for; nothing in it comes from a client but values that its owner allowed. */
export interface ShapeSource {
  readonly schema: string;
  readonly table: string;
  /** Columns to send, the primary key among them; null for all. */
  readonly columns: readonly string[] | null;
  readonly where: string | null;
  /** Values of $1, $2, … in `where`. */
  readonly params: readonly string[];
  readonly replica: ReplicaMode;
  /** Snapshots say `true` and `false`, as Electric's do, where the log says `t` and `f`. */
  readonly wordBooleans?: boolean;
  /** `full` where it is not said. */
  readonly log?: LogMode;
}

export interface ReadRequest {
  readonly source: ShapeSource;
  readonly offset: Offset;
  /** The handle that the reader holds; null only with `before_all` and `now`. */
  readonly handle: string | null;
  /** A handle that the reader was refused and will not accept again. */
  readonly expiredHandle: string | null;
  /** Wait for news when there is none. */
  readonly live: boolean;
  /** Names the reader's session: its waiting reads end together, up to date at one position. */
  readonly session: string | null;
  /** Ends the wait; the read then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Bytes of an answer: a JSON array of messages. Read or released exactly once. */
export interface ShapeBody {
  readonly length: number;
  /** All of it where it is in memory, shared with others; null where it is in a file. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** The bytes in pieces, produced as fast as they are taken. */
  pieces(): AsyncIterable<Uint8Array>;
  /** Gives back what the body holds; to be called when it was sent, or will not be. */
  release(): void;
}

export interface SnapshotPart {
  readonly chunk: number;
  readonly chunks: number;
  /** LSN up to which the whole snapshot is complete. */
  readonly end: bigint;
}

export type ShapeAnswer =
  | {
      readonly kind: 'messages';
      readonly handle: string;
      /** Position after the last message, or after everything known where there is none. */
      readonly offset: Offset;
      /** JSON of the columns' types, for the `electric-schema` header. */
      readonly schema: string;
      readonly upToDate: boolean;
      /** False when a wait ended, or was never to bring anything. */
      readonly hasData: boolean;
      /** Which part of a snapshot it is; null in the log. */
      readonly snapshot: SnapshotPart | null;
      /** Whether it holds rows or changes, and not only where the log ends. */
      readonly hasMessages: boolean;
      /**
       * Where it was waited for: when the log had what it brings, by the process's clock in milliseconds; of several
       * transactions the first.
       */
      readonly newsSince?: number;
      readonly body: ShapeBody;
    }
  /** The reader's position means nothing any more; it begins again with `handle`, which it never had. */
  | { readonly kind: 'must_refetch'; readonly handle: string }
  /** The offset lies beyond everything that was ever committed. */
  | { readonly kind: 'out_of_bounds' };

/** Which of a shape's rows; it can only narrow the shape. */
export interface SubsetQuery {
  readonly where: string | null;
  /** Values of $1, $2, … in `where`. */
  readonly params: readonly string[];
  readonly orderBy: string | null;
  readonly limit: number | null;
  readonly offset: number | null;
  /** Columns that condition and order may read; null for all of the table's. */
  readonly columns: readonly string[] | null;
}

export interface SubsetRequest {
  readonly source: ShapeSource;
  readonly subset: SubsetQuery;
  /** Where the reader stands in the log; the subset has seen all that lies before. */
  readonly offset: Offset;
  /** The handle that the reader holds; null only with `before_all` and `now`. */
  readonly handle: string | null;
  readonly signal: AbortSignal;
}

export type SubsetAnswer =
  | {
      readonly kind: 'subset';
      readonly handle: string;
      /** Where the reader follows the log from: his own offset, or the log's position where he had none. */
      readonly offset: Offset;
      readonly schema: string;
      /** `{"metadata": …, "data": [ … ]}` */
      readonly body: ShapeBody;
    }
  | { readonly kind: 'must_refetch'; readonly handle: string };

/** Asks what a shape was at a position that its reader holds. */
export interface ChecksumRequest {
  readonly source: ShapeSource;
  /** The columns of `source` with their types in the catalogue, in the same order. */
  readonly columns: readonly ShapeColumn[];
  readonly offset: Offset;
  readonly handle: string;
  readonly signal: AbortSignal;
}

export type ChecksumAnswer =
  | ({ readonly kind: 'checksum' } & Checksum)
  /** The position means nothing any more. */
  | { readonly kind: 'must_refetch'; readonly handle: string }
  | { readonly kind: 'out_of_bounds' };

/** Which shape to delete: by its definition, by a handle of it, or by both, which must then agree. */
export interface DeleteRequest {
  readonly source: ShapeSource | null;
  readonly handle: string | null;
}

export type DeleteVerdict = 'deleted' | 'not_found' | 'mismatch';

/** Checks subsets that another server is to answer. */
export interface SubsetChecker {
  /**
   * The subset, its order printed anew; rejects with `subset_invalid` where condition or order read anything but the
   * subset's columns, or are none that the own engine would take.
   */
  check(source: ShapeSource, subset: SubsetQuery): Promise<SubsetQuery>;
}

/** Counts of what the engine holds. */
export interface ShapeEngineStatus {
  readonly shapes: number;
  /** Reads that wait for news. */
  readonly waiting: number;
  /** Snapshots, subsets and readings of the log that wait for their turn. */
  readonly queued: number;
  readonly snapshotBytes: number;
  readonly tailBytes: number;
  /** Answers in memory: on their way to readers, and kept for the next one. */
  readonly answerBytes: number;
  /** LSN up to which changes were handed to their shapes. */
  readonly position: bigint;
  /** LSN up to which the log has the WAL. */
  readonly head: bigint;
  /** LSN that the log will not reach back to for long: who has a place before it is to be given a later one. */
  readonly aging: bigint;
}

/** One shape that is or was lately read here, for operators. All of it is cache. */
export interface ShapeViewStatus {
  readonly source: ShapeSource;
  /** The part of its handles that names it. */
  readonly hash: string;
  /** Reads that wait for its news. */
  readonly waiting: number;
  /** Its snapshot, where one is ready. */
  readonly snapshot: { readonly messages: number; readonly bytes: number; readonly madeAtMs: number } | null;
  /** Snapshots that were made since the shape is held, and the time that took, in milliseconds. */
  readonly snapshotsMade: number;
  readonly snapshotMs: number;
  /** Messages and their bytes that were encoded for its readers since the shape is held, and kept for them. */
  readonly messages: number;
  readonly messageBytes: number;
  readonly tailBytes: number;
  /** LSN of the last transaction that had news for it; 0 where none had. */
  readonly changedAt: bigint;
  readonly lastUsedMs: number;
}

/**
 * Snapshots and filtered views of the change log. Errors are HaloErrors: `table_not_found`,
 * `column_not_found`, `where_unsupported`, `where_failed` (Postgres fails on a row), `replica_identity_not_full`,
 * `shape_too_large` (the definition), `busy`, `replication_behind` and `shutting_down` (503, try again).
 */
export interface ShapeEngine {
  read(request: ReadRequest): Promise<ShapeAnswer>;
  /** Some of a shape's rows as they are now; `subset_invalid` where it is asked for wrongly. */
  subset(request: SubsetRequest): Promise<SubsetAnswer>;
  /** How many rows a shape had at an offset, and their digest; `offset_too_old` where it lies too far back. */
  checksum(request: ChecksumRequest): Promise<ChecksumAnswer>;
  /** Makes everybody who follows the shape fetch it again; no handle of it that was given before is honoured again. */
  deleteShape(request: DeleteRequest): Promise<DeleteVerdict>;
  /** The table may be another than the log has shown so far: the next read looks at it again. */
  tableAltered(schema: string, table: string): void;
  status(): ShapeEngineStatus;
  /** Every shape that is held now, the longest unused first. */
  views(): Iterable<ShapeViewStatus>;
  /** Ends every wait (answered up to date), refuses new reads and deletes the snapshots. */
  close(): Promise<void>;
}
