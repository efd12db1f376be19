import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { QueryResult, QueryResultRow } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { ChangeLog } from '../change-log/change-log.ts';
import type { Pool, Transaction } from '../db/pool.ts';
import { CopyRowEncoder, linesOf } from './copy-rows.ts';
import { isCurrent, quotedTable } from './resolve-shape.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import type { SnapshotWriter } from './snapshot-file.ts';
import { stretches } from './stretch.ts';
import { waitFailure, lockSql } from './table-lock.ts';
import { loadTableSchema } from './table-schema.ts';
import type { TableSchema } from './table-schema.ts';
import { parseVisibility } from './visibility.ts';
import type { Visibility } from './visibility.ts';
import { rowFailure } from './where/row-failure.ts';

/** Longest that reading a snapshot's rows may take, in milliseconds. */
const COPY_TIMEOUT_MS = 600_000;
/** Transactions that read rows at the same time; each holds a connection. */
const MAX_TRANSACTIONS = 4;
/** Shapes of one table whose rows one transaction reads, one after the other. */
const MAX_SHAPES_TOGETHER = 32;
/** Nobody waits longer than this for others of the same transaction: they are left to the next, in milliseconds. */
const MAX_TOGETHER_MS = 100;
/** Postgres: the table or a column is gone. */
const GONE = new Set(['42P01', '42703']);

/** The table changed while its snapshot was made; it has to be made again. */
export class SnapshotOutdated extends Error {}

/** What a shape's rows were read by. */
export interface Copied {
  readonly seen: Visibility;
  /** Transactions that were not seen lie behind this offset. */
  readonly scanFrom: LogOffset;
}

interface Task {
  readonly shape: ResolvedShape;
  readonly writer: SnapshotWriter;
  readonly resolve: (copied: Copied) => void;
  readonly reject: (error: Error) => void;
}

export interface SnapshotRowsContext {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly signal: AbortSignal;
}

/**
 * Reads the rows of shapes. What waits for its turn is read in one transaction with others of the same table: after a
 * start there are thousands of small shapes, and each round trip counts.
 */
export class SnapshotRows {
  readonly #context: SnapshotRowsContext;
  #waiting: Task[] = [];
  #transactions = 0;

  constructor(context: SnapshotRowsContext) {
    this.#context = context;
  }

  /**
   * Writes the shape's rows; rejects with `SnapshotOutdated` when its table is another one now, with `where_failed` when
   * its condition fails on a row, and with `table_locked` and `query_too_slow`.
   */
  read(shape: ResolvedShape, writer: SnapshotWriter): Promise<Copied> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ shape, writer, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#waiting.length === 0 || this.#transactions >= MAX_TRANSACTIONS) return;
    this.#transactions += 1;
    void this.#readTogether().finally(() => {
      this.#transactions -= 1;
      this.#next();
    });
  }

  /** Takes the first that waits, and those that it can be read with. */
  #take(): Task[] {
    const table = quotedTable(this.#waiting[0]!.shape.table);
    const taken: Task[] = [];
    const left: Task[] = [];
    for (const task of this.#waiting) {
      const fits = taken.length < MAX_SHAPES_TOGETHER && quotedTable(task.shape.table) === table;
      (fits ? taken : left).push(task);
    }
    this.#waiting = left;
    return taken;
  }

  /** Never rejects: each task is told, or put back to wait. */
  async #readTogether(): Promise<void> {
    // Those who come in the same turn of the loop are read together.
    await Promise.resolve();
    if (this.#waiting.length === 0) return;
    const tasks = this.#take();
    try {
      this.#context.signal.throwIfAborted();
      await this.#transaction(tasks);
    } catch (error) {
      for (const task of tasks) task.reject(outdatedIfGone(error));
    }
  }

  /** Takes from `tasks` those that were told; throws what concerns all that are left. */
  async #transaction(tasks: Task[]): Promise<void> {
    const client = await this.#context.pool.connect();
    let failure: Error | undefined;
    try {
      const endsAt = performance.now() + MAX_TOGETHER_MS;
      const { copied, table } = await this.#begin(client, tasks[0]!.shape);
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
        try {
          await this.#copy(client, task, table);
          task.resolve(copied);
        } catch (error) {
          const fault = task.shape.condition === null ? undefined : rowFailure(error);
          task.reject(fault ?? outdatedIfGone(error));
          if (error instanceof SnapshotOutdated) continue;
          // The transaction has failed with it; the others have done nothing wrong.
          this.#waiting.unshift(...tasks.splice(0));
          throw error;
        }
        if (performance.now() > endsAt) this.#waiting.unshift(...tasks.splice(0));
      }
      await client.query('COMMIT');
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw failure;
    } finally {
      // After a failure the connection may be in mid-copy; it is not used again.
      client.release(failure);
    }
  }

  async #begin(
    client: Transaction,
    { table: { schema, table } }: ResolvedShape,
  ): Promise<{ copied: Copied; table: TableSchema }> {
    // The lock comes before the snapshot: afterwards nobody can truncate or alter the table under it.
    const results = await client.query<{ seen: string }>(`
      BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
      ${lockSql([{ schema, table }])};
      SET LOCAL statement_timeout = ${COPY_TIMEOUT_MS};
      SELECT pg_current_snapshot()::text AS seen`);
    const seen = parseVisibility(lastOf(results).rows[0]!.seen);
    const scanFrom = this.#context.changeLog.offsetBefore(Number(seen.xmin));
    return { copied: { seen, scanFrom }, table: await loadTableSchema(client, schema, table) };
  }

  async #copy(client: Transaction, { shape, writer }: Task, table: TableSchema): Promise<void> {
    const { changeLog, signal } = this.#context;
    if (!isCurrent(shape, table, changeLog.epoch)) throw new SnapshotOutdated();
    if (shape.source.log === 'changes_only') return;
    const encoder = new CopyRowEncoder(shape);
    const stream = client.query(copyTo(`COPY (${shape.selectSql}) TO STDOUT`));
    const stepAside = stretches();
    for await (const lines of linesOf(stream)) {
      signal.throwIfAborted();
      for (const line of lines) if (writer.add(encoder.message(line))) await writer.flush();
      await stepAside();
    }
  }
}

/**
 * The error of a query: `SnapshotOutdated` where a table or a column is gone, since the shape is another then, and
 * `table_locked` or `query_too_slow` where it waited in vain.
 */
export function outdatedIfGone(error: unknown): Error {
  const failure = error instanceof Error ? error : new Error(String(error));
  const code: unknown = 'code' in failure ? failure.code : undefined;
  const isGone = typeof code === 'string' && GONE.has(code);
  return isGone ? new SnapshotOutdated(undefined, { cause: error }) : (waitFailure(error) ?? failure);
}

/** Of several statements sent at once the driver gives the results in an array, which its types do not know. */
function lastOf<R extends QueryResultRow>(results: QueryResult<R> | QueryResult<R>[]): QueryResult<R> {
  return Array.isArray(results) ? results.at(-1)! : results;
}
