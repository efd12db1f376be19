import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { to as copyTo } from 'pg-copy-streams';
import type { ChangeLog } from '../change-log/change-log.ts';
import type { Pool, Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { CopyRowEncoder, linesOf } from './copy-rows.ts';
import { endOf } from './log-offset.ts';
import { quotedTable, resolveShape } from './resolve-shape.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import { ShapeTranslator } from './shape-translator.ts';
import type { LogEntry, TransactionMessages } from './shape-translator.ts';
import { SnapshotWriter } from './snapshot-file.ts';
import type { SnapshotFile } from './snapshot-file.ts';
import { stretches } from './stretch.ts';
import { loadTableSchema } from './table-schema.ts';
import { parseVisibility, saw, snapshotEndMessage } from './visibility.ts';
import type { Visibility } from './visibility.ts';

/** Longest that reading a snapshot's rows may take, in milliseconds. */
const COPY_TIMEOUT_MS = 600_000;
/** Longest that a snapshot waits for the log to reach the barrier, in milliseconds. */
const BARRIER_TIMEOUT_MS = 30_000;
/** Postgres: the table or a column is gone. */
const GONE = new Set(['42P01', '42703']);

/** A snapshot's messages, and the log position up to which they are complete. */
export interface Snapshot {
  readonly file: SnapshotFile;
  readonly end: LogOffset;
}

export interface SnapshotContext {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly signal: AbortSignal;
}

/** The table changed while its snapshot was made; it has to be made again. */
export class SnapshotOutdated extends Error {}

/**
 * Makes a shape's snapshot and brings it up to a log position L, from where on the shape is a pure filter of
 * the log. Why nothing is lost or doubled (invariant 5):
 *
 * 1. What a Postgres snapshot saw is a set of transactions (xmin, xmax, running ones), no LSN: a transaction's
 *    commit record is written before the transaction becomes visible, so one may lie before the snapshot in the
 *    WAL and not be in it.
 * 2. After the snapshot a barrier (a logical message) is written. Every transaction that the snapshot saw had
 *    written its commit record by then. When the log has reached the barrier, at position L, each of them
 *    therefore has a commit LSN ≤ L.
 * 3. The log is read from before the oldest transaction that may be unseen up to L, and exactly the changes of
 *    unseen transactions are appended, in commit order. Now every transaction with commit LSN ≤ L is in the
 *    answer once: seen in the rows, or unseen in the changes. All others are after L.
 * 4. Seen and unseen transactions may interleave by LSN, but then they touched different rows: who writes a row
 *    waits until its former writer has become visible, so a seen writer cannot follow an unseen one. Applying
 *    the unseen ones later gives the same rows.
 */
export async function makeSnapshot(
  context: SnapshotContext,
  shape: ResolvedShape,
  path: string,
): Promise<Snapshot> {
  const writer = new SnapshotWriter(path);
  try {
    const { seen, scanFrom, barrier } = await copyRows(context, shape, writer);
    await reachBarrier(context, barrier);
    if (writer.add(snapshotEndMessage(seen))) await writer.flush();
    const until = context.changeLog.position();
    await appendUnseen(context.changeLog, shape, seen, scanFrom, until, writer);
    return { file: await writer.finish(), end: endOf(until) };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

interface Copied {
  readonly seen: Visibility;
  /** Unseen transactions lie behind this offset. */
  readonly scanFrom: LogOffset;
  readonly barrier: bigint;
}

async function copyRows(
  { pool, changeLog, signal }: SnapshotContext,
  shape: ResolvedShape,
  writer: SnapshotWriter,
): Promise<Copied> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    // The lock comes before the snapshot: afterwards nobody can truncate or alter the table under it.
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(`LOCK TABLE ${quotedTable(shape.table)} IN ACCESS SHARE MODE`);
    await client.query(`SET LOCAL statement_timeout = ${COPY_TIMEOUT_MS}`);
    const { rows } = await client.query<{ seen: string }>('SELECT pg_current_snapshot()::text AS seen');
    const seen = parseVisibility(rows[0]!.seen);
    const scanFrom = changeLog.offsetBefore(Number(seen.xmin));
    const table = await loadTableSchema(client, shape.table.schema, shape.table.table);
    if (resolveShape(shape.source, table, changeLog.epoch).hash !== shape.hash) throw new SnapshotOutdated();
    if (shape.source.log !== 'changes_only') await writeRows(client, shape, writer, signal);
    await client.query('COMMIT');
    return { seen, scanFrom, barrier: await writeBarrier(client) };
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    const code: unknown = 'code' in failure ? failure.code : undefined;
    if (typeof code === 'string' && GONE.has(code)) throw new SnapshotOutdated(undefined, { cause: error });
    throw error;
  } finally {
    // After a failure the connection may be in mid-copy; it is not used again.
    client.release(failure);
  }
}

async function writeRows(
  client: Transaction,
  shape: ResolvedShape,
  writer: SnapshotWriter,
  signal: AbortSignal,
): Promise<void> {
  const encoder = new CopyRowEncoder(shape);
  const stream = client.query(copyTo(`COPY (${shape.selectSql}) TO STDOUT`));
  const stepAside = stretches();
  for await (const lines of linesOf(stream)) {
    signal.throwIfAborted();
    for (const line of lines) if (writer.add(encoder.message(line))) await writer.flush();
    await stepAside();
  }
}

async function writeBarrier(client: Transaction): Promise<bigint> {
  const { rows } = await client.query<{ lsn: string }>(
    `SELECT pg_wal_lsn_diff(pg_logical_emit_message(true, 'halo.barrier', ''), '0/0')::text AS lsn`,
  );
  return BigInt(rows[0]!.lsn);
}

async function reachBarrier({ changeLog, signal }: SnapshotContext, barrier: bigint): Promise<void> {
  const timeout = AbortSignal.timeout(BARRIER_TIMEOUT_MS);
  try {
    await changeLog.whenReached(barrier, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted) throw error;
    throw replicationBehind();
  }
}

/** The log does not keep up, or replication is down. */
export function replicationBehind(): HaloError {
  return new HaloError('replication_behind', 'The change log is behind the database.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    details: { retryAfterS: 5 },
  });
}

async function appendUnseen(
  changeLog: ChangeLog,
  shape: ResolvedShape,
  seen: Visibility,
  scanFrom: LogOffset,
  until: bigint,
  writer: SnapshotWriter,
): Promise<void> {
  if (!changeLog.covers(scanFrom)) throw new SnapshotOutdated('the log was trimmed meanwhile');
  const translator = new ShapeTranslator(shape);
  const stepAside = stretches();
  let open: TransactionMessages | null = null;
  for await (const chunk of changeLog.read(scanFrom)) {
    if (chunk.lsn > until) break;
    if (saw(seen, chunk.xid)) continue;
    const entries: LogEntry[] = [];
    const transaction = (open ??= translator.transaction(chunk.lsn, chunk.xid));
    for (const change of chunk.changes) {
      if (translator.concerns(change) && !transaction.add(change, entries)) throw new SnapshotOutdated();
    }
    if (chunk.last) {
      transaction.end(entries);
      open = null;
    }
    for (const entry of entries) if (writer.add(entry.bytes.toString())) await writer.flush();
    await stepAside();
  }
}
