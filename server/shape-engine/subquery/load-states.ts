import { conditionSql } from '../where/condition-sql.ts';
import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import type { ChangeLog } from '../../change-log/change-log.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { fieldsOf } from '../copy-rows.ts';
import { fromSql } from '../resolve-shape.ts';
import { SnapshotOutdated } from '../snapshot-rows.ts';
import { stretches } from '../stretch.ts';
import { columnsOf } from '../where/condition.ts';
import { saw } from '../visibility.ts';
import type { Visibility } from '../visibility.ts';
import type { Base } from './base.ts';
import type { Bound } from './memory-share.ts';
import type { QueryPlan, ShapePlan } from './plan.ts';
import { emptyStates } from './query-state.ts';
import type { QueryState } from './query-state.ts';
import { ChangeReader } from './transaction.ts';
import type { OpenTransaction, ShapeTransaction } from './transaction.ts';
import { TooLarge } from './too-large.ts';

/** Distinct values of the subqueries of a shape. */
export const VALUES: Bound = {
  ofOne: 200_000,
  ofAll: 1_000_000,
  what: 'the subqueries give more values than are kept',
  things: 'values of subqueries',
};
/** Memory of the transactions that a shape has not followed yet, in bytes. */
export const PENDING_BYTES: Bound = {
  ofOne: 64 * 1024 * 1024,
  ofAll: 256 * 1024 * 1024,
  what: 'more changes wait to be followed than are kept',
  things: 'changes that wait to be followed',
};

/** The states of a shape's queries as a Postgres snapshot sees them. */
export async function loadStates(
  base: Base,
  plan: ShapePlan,
  signal: AbortSignal,
): Promise<readonly QueryState[]> {
  const states = emptyStates(plan);
  const stepAside = stretches();
  let values = 0;
  for (const state of states.slice(0, -1)) {
    for await (const lines of base.copy(valuesSql(state.plan))) {
      signal.throwIfAborted();
      for (const line of lines) {
        const fields = fieldsOf(line);
        state.set.add(state.valueOfTexts(fields.slice(1)), Number(fields[0]));
      }
      values += lines.length;
      if (values > VALUES.ofOne) throw new TooLarge(VALUES.what);
      await stepAside();
    }
    state.set.settle();
  }
  return states;
}

/** The values that a subquery gives, each with the number of its rows before it. */
function valuesSql({ table, values, condition }: QueryPlan) {
  const names = values.map((value) => quoteIdentifier([...columnsOf(value)][0]!)).join(', ');
  const where = condition === null ? '' : ` WHERE ${conditionSql(condition)}`;
  return `SELECT count(*), ${names} FROM ${fromSql(table)}${where} GROUP BY ${names}`;
}

/** The transactions after `after`, up to `until`, that the snapshot has not seen, as the shape sees them. */
export async function readUnseen(
  changeLog: ChangeLog,
  plan: ShapePlan,
  seen: Visibility,
  after: LogOffset,
  until: bigint,
): Promise<readonly ShapeTransaction[]> {
  if (!changeLog.covers(after)) throw new SnapshotOutdated('the log was trimmed meanwhile');
  const reader = new ChangeReader(plan);
  const stepAside = stretches();
  const found: ShapeTransaction[] = [];
  let bytes = 0;
  let open: OpenTransaction | null = null;
  for await (const chunk of changeLog.read(after)) {
    if (chunk.lsn > until) break;
    if (!saw(seen, chunk.xid)) {
      for (const change of chunk.changes) {
        if (!reader.concerns(change)) continue;
        if (open === null) found.push((open = reader.begin(chunk.lsn, chunk.xid)));
        const known: number = open.bytes;
        if (!open.add(change)) throw new SnapshotOutdated();
        bytes += open.bytes - known;
        if (bytes > PENDING_BYTES.ofOne) throw new TooLarge(PENDING_BYTES.what);
      }
      if (chunk.last) open = null;
    }
    await stepAside();
  }
  return found;
}
