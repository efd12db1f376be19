import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog } from '../change-log/change-log.ts';
import type { Barriers } from './barrier.ts';
import type { Pool } from '../db/pool.ts';
import { endOf } from './log-offset.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import { ShapeTranslator } from './shape-translator.ts';
import type { LogEntry } from './encoded-message.ts';
import type { TransactionMessages } from './shape-translator.ts';
import { SnapshotWriter } from './snapshot-file.ts';
import type { SnapshotFile } from './snapshot-file.ts';
import { SnapshotOutdated } from './snapshot-rows.ts';
import type { SnapshotRows } from './snapshot-rows.ts';
import { stretches } from './stretch.ts';
import { saw, snapshotEndMessage } from './visibility.ts';
import type { Visibility } from './visibility.ts';

/** A snapshot's messages, and the log position up to which they are complete. */
export interface Snapshot {
  readonly file: SnapshotFile;
  readonly end: LogOffset;
}

export interface SnapshotContext {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly rows: Pick<SnapshotRows, 'read'>;
  readonly barriers: Pick<Barriers, 'pass'>;
  readonly signal: AbortSignal;
}

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
  context: Omit<SnapshotContext, 'pool'>,
  shape: ResolvedShape,
  path: string,
): Promise<Snapshot> {
  const writer = new SnapshotWriter(path);
  try {
    const { seen, scanFrom } = await context.rows.read(shape, writer);
    await context.barriers.pass(context.signal);
    if (writer.add(snapshotEndMessage(seen))) await writer.flush();
    const until = context.changeLog.position();
    await appendUnseen(context.changeLog, shape, seen, scanFrom, until, writer);
    return { file: await writer.finish(), end: endOf(until) };
  } catch (error) {
    await writer.discard();
    throw error;
  }
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
    // Also where none of them counts: there may be very many.
    await stepAside();
    if (saw(seen, chunk.xid)) continue;
    const entries: LogEntry[] = [];
    const transaction = (open ??= translator.transaction(chunk.lsn, chunk.xid));
    for (const change of chunk.changes) {
      const turn = stepAside();
      if (turn !== undefined) await turn;
      if (translator.concerns(change) && !transaction.add(change, entries)) throw new SnapshotOutdated();
    }
    if (chunk.last) {
      transaction.end(entries);
      open = null;
    }
    for (const entry of entries) if (writer.add(entry.bytes.toString())) await writer.flush();
  }
}
