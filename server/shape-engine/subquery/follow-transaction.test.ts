import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { columnsOfTable, planOf } from '../../../tests/support/subquery-plan.ts';
import type { TableName } from '../../../tests/support/subquery-plan.ts';
import type { Tuple } from '../../change-log/change-log.ts';
import { parseVisibility } from '../visibility.ts';
import { loadGrammar } from '../where/parse-where.ts';
import type { Base } from './base.ts';
import { followTransaction, settle } from './follow-transaction.ts';
import type { MoveListener } from './follow-transaction.ts';
import { emptyStates } from './query-state.ts';
import type { QueryState } from './query-state.ts';
import type { RowChange, ShapeTransaction } from './transaction.ts';
import { Window } from './window.ts';

const SHAPES = [
  'owner IN (SELECT id FROM people WHERE ok)',
  'owner NOT IN (SELECT team FROM people WHERE ok)',
  `owner IN (SELECT id FROM people WHERE ok) AND kind = 'a' OR team IN (SELECT id FROM teams)`,
  'owner IN (SELECT id FROM people WHERE ok AND team IN (SELECT id FROM teams))',
  'owner NOT IN (SELECT id FROM people WHERE team NOT IN (SELECT id FROM teams) OR ok)',
  '(owner, kind) IN (SELECT id, name FROM people)',
  'id IN (SELECT owner FROM docs WHERE kind IN (SELECT mark FROM teams))',
];

const TABLES = ['docs', 'people', 'teams'] as const;
type Table = (typeof TABLES)[number];
type Tables = Readonly<Record<Table, ReadonlyMap<string, Tuple>>>;

const id = fc.constantFrom('1', '2', '3');
const maybeId = fc.constantFrom('1', '2', '3', null);
const letter = fc.constantFrom('a', 'b', null);
const ROWS: Readonly<Record<Table, fc.Arbitrary<Tuple>>> = {
  docs: fc.tuple(id, maybeId, maybeId, fc.constant('1.5'), letter),
  people: fc.tuple(id, maybeId, letter, fc.constantFrom('t', 'f', null)),
  teams: fc.tuple(id, letter),
};
/** A row to be written in place of one that is there, or alone; or one to be deleted. */
const write = fc
  .constantFrom(...TABLES)
  .chain((table) => fc.record({ table: fc.constant(table), id, row: fc.option(ROWS[table]) }));
type Write = { readonly table: Table; readonly id: string; readonly row: Tuple | null };
const transactions = fc.array(fc.array(write, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 8,
});

interface Step {
  readonly transaction: readonly (readonly [Table, RowChange])[];
  readonly after: Tables;
}

beforeAll(loadGrammar);

describe('following transactions', () => {
  it('invariant 5: gives what the query gives after each, whatever point between the Postgres snapshot shows', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...SHAPES),
      transactions,
      transactions,
      fc.nat(7),
      async (where, before, within, point) => {
        const start = run(before, { docs: new Map(), people: new Map(), teams: new Map() }).at(-1)!.after;
        const steps = run(within, start);
        const shown = [start, ...steps.map(({ after }) => after)][point % (steps.length + 1)]!;
        await expectFollowed(where, start, steps, shown);
      },
    );
    await fc.assert(property, { numRuns: 400 });
  });
});

async function expectFollowed(where: string, start: Tables, steps: readonly Step[], shown: Tables) {
  const plan = planOf(where);
  const states = fill(emptyStates(plan), start);
  const rows = new Set(visible(states, start));
  const all = steps.map(({ transaction }, i) => transactionOf(transaction, states, BigInt(i + 1)));
  const window = new Window(baseOf(shown), states, all);
  for (const [i, transaction] of all.entries()) {
    await followTransaction(states, transaction, window, listenerOf(rows, states.at(-1)!));
    window.followed(transaction);
    settle(states);
    const fresh = fill(emptyStates(plan), steps[i]!.after);
    expect([...rows].toSorted(), where).toEqual(visible(fresh, steps[i]!.after));
  }
}

/** Applies writes; each transaction with its changes and what the tables are after it. */
function run(given: readonly (readonly Write[])[], start: Tables): Step[] {
  let tables = start;
  return given.map((writes) => {
    const now = {
      docs: new Map(tables.docs),
      people: new Map(tables.people),
      teams: new Map(tables.teams),
    };
    const transaction: (readonly [Table, RowChange])[] = [];
    for (const { table, id: at, row } of writes) {
      const old = now[table].get(at) ?? null;
      // No two rows have one key.
      const isTaken = row !== null && row[0] !== at && now[table].has(row[0]!);
      if (isTaken || (old === null && row === null)) continue;
      now[table].delete(at);
      if (row !== null) now[table].set(row[0]!, row);
      transaction.push([table, { position: transaction.length * 2, old, new: row }]);
    }
    tables = now;
    return { transaction, after: tables };
  });
}

/** States of the queries as they are on these tables, computed from nothing else. */
function fill(states: readonly QueryState[], tables: Tables): readonly QueryState[] {
  for (const state of states.slice(0, -1)) {
    for (const row of rowsOf(state, tables)) {
      if (state.includes(row, 'after')) state.set.add(state.valueOf(row));
    }
    settle(states);
  }
  return states;
}

function visible(states: readonly QueryState[], tables: Tables): string[] {
  const own = states.at(-1)!;
  const rows = rowsOf(own, tables).filter((row) => own.includes(row, 'after'));
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

function rowsOf({ plan }: QueryState, tables: Tables): Tuple[] {
  return [...tables[plan.table.table as Table].values()].map((row) => pick(row, plan.table.table, plan.used));
}

function pick(row: Tuple, table: string, used: readonly { readonly name: string }[]): Tuple {
  const names = columnsOfTable(table as TableName);
  return used.map(({ name }) => row[names.indexOf(name)]!);
}

function transactionOf(
  changes: readonly (readonly [Table, RowChange])[],
  states: readonly QueryState[],
  lsn: bigint,
): ShapeTransaction {
  const rows = states.map(({ plan: { table, used } }) =>
    changes
      .filter(([name]) => name === table.table)
      .map(([name, { position, old, new: now }]) => ({
        position,
        old: old && pick(old, name, used),
        new: now && pick(now, name, used),
      })),
  );
  return { lsn, xid: Number(lsn), rows, lastPosition: changes.length * 2, bytes: 0 };
}

/** A Postgres that shows all rows of a table, whatever condition it is asked with. */
function baseOf(tables: Tables): Base {
  return {
    seen: parseVisibility('1:1:'),
    async *copy(sql) {
      const [, columns, table] = /^SELECT (.*) FROM ONLY "public"."(\w+)" WHERE/.exec(sql)!;
      const used = columns!.split(', ').map((name) => ({ name: name.replaceAll('"', '') }));
      const rows = [...tables[table as Table].values()].map((row) => pick(row, table!, used));
      yield await Promise.resolve(rows.map((row) => row.map((text) => text ?? '\\N').join('\t')));
    },
    close: () => Promise.resolve(),
  };
}

/** Keeps the rows that a reader would have, and fails where he could not follow. */
function listenerOf(rows: Set<string>, own: QueryState): MoveListener {
  const change = (row: Tuple, isIn: boolean) => {
    const text = JSON.stringify(row);
    expect(rows.has(text), text).toBe(!isIn);
    if (isIn) rows.add(text);
    else rows.delete(text);
  };
  return {
    changed({ old, new: now }, wasIn, isIn) {
      if (wasIn) change(old!, false);
      if (isIn) change(now!, true);
    },
    moved: change,
    stayed: (row) => expect(own.includes(row, 'before')).toBe(true),
    turned: () => {},
  };
}
