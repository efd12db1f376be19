import { endOf } from '../log-offset.ts';
import { MessageEncoder } from '../message-encoder.ts';
import type { Snapshot, SnapshotContext } from '../snapshot.ts';
import { SnapshotWriter } from '../snapshot-file.ts';
import { SnapshotOutdated } from '../snapshot-rows.ts';
import { stretches } from '../stretch.ts';
import type { TableSchema } from '../table-schema.ts';
import { snapshotEndMessage } from '../visibility.ts';
import { conditionSql } from '../where/condition-sql.ts';
import { rowFailure } from '../where/row-failure.ts';
import { UnknownLabel } from '../where/unknown-label.ts';
import { openBase } from './base.ts';
import type { Base } from './base.ts';
import { followTransaction, settle } from './follow-transaction.ts';
import { loadStates, readUnseen } from './load-states.ts';
import type { ShapePlan } from './plan.ts';
import type { QueryState } from './query-state.ts';
import { RowEncoder } from './row-encoder.ts';
import { TransactionMessages } from './transaction-messages.ts';
import { Window } from './window.ts';

/** A snapshot of a shape with subqueries, and the states of its queries at the snapshot's end. */
export interface SubquerySnapshot {
  readonly snapshot: Snapshot;
  readonly states: readonly QueryState[];
}

/**
 * Makes the snapshot as that of any other shape is made (see `makeSnapshot`): rows and values as one Postgres snapshot
 * sees them, and then the changes of the transactions that it has not seen, up to the position that the log had come to
 * after a barrier. Where these move rows, the Postgres snapshot, still open, is what they are followed upon. Rejects with
 * what `rowFailure` says, too.
 */
export async function makeSubquerySnapshot(
  context: SnapshotContext,
  plan: ShapePlan,
  isCurrent: (tables: readonly TableSchema[]) => boolean,
  path: string,
): Promise<SubquerySnapshot> {
  const { pool, changeLog, barriers, signal } = context;
  const writer = new SnapshotWriter(path);
  let base: Base | undefined;
  try {
    base = await openBase(pool, plan, isCurrent);
    const scanFrom = changeLog.offsetBefore(Number(base.seen.xmin));
    const states = await loadStates(base, plan, signal);
    const rows = new RowEncoder(plan);
    if (plan.shape.source.log !== 'changes_only') await writeRows(base, plan, states, rows, writer, signal);
    await barriers.pass(signal);
    const until = changeLog.position();
    if (writer.add(snapshotEndMessage(base.seen))) await writer.flush();
    const unseen = await readUnseen(changeLog, plan, base.seen, scanFrom, until);
    const window = new Window(base, states, unseen);
    const encoder = new MessageEncoder(plan.shape);
    for (const transaction of unseen) {
      signal.throwIfAborted();
      const messages = new TransactionMessages(encoder, rows, states.at(-1)!, transaction);
      await followTransaction(states, transaction, window, messages);
      for (const { bytes } of messages.entries(null)) if (writer.add(bytes.toString())) await writer.flush();
      window.followed(transaction);
      settle(states);
    }
    await base.close();
    return { snapshot: { file: await writer.finish(), end: endOf(until) }, states };
  } catch (error) {
    await base?.close(error instanceof Error ? error : new Error(String(error)));
    await writer.discard();
    if (error instanceof UnknownLabel) throw new SnapshotOutdated(undefined, { cause: error });
    throw rowFailure(error) ?? error;
  }
}

async function writeRows(
  base: Base,
  plan: ShapePlan,
  states: readonly QueryState[],
  rows: RowEncoder,
  writer: SnapshotWriter,
  signal: AbortSignal,
): Promise<void> {
  const own = states.at(-1)!;
  const stepAside = stretches();
  for await (const lines of base.copy(rows.snapshotSql(conditionSql(plan.shape.condition!)))) {
    signal.throwIfAborted();
    for (const line of lines) if (writer.add(rows.snapshotRow(line, own))) await writer.flush();
    await stepAside();
  }
}
