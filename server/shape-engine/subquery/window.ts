import type { Tuple } from '../../change-log/change-log.ts';
import { stretches } from '../stretch.ts';
import type { Expression } from '../where/condition.ts';
import { conditionSql, quoteLiteral, rowSql } from '../where/condition-sql.ts';
import { rowOf, rowsSql } from './base.ts';
import type { Base } from './base.ts';
import { CandidateCache } from './candidate-cache.ts';
import type { Candidates } from './follow-transaction.ts';
import type { QueryState } from './query-state.ts';
import { TooLarge } from './too-large.ts';
import type { ShapeTransaction } from './transaction.ts';
import type { SetMoves } from './value-set.ts';

/** Rows held while some transactions are followed, and the characters of their texts, at most. */
const MAX_ROWS = 100_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;
/** Values asked for by one statement. */
const VALUES_AT_ONCE = 2_000;

/**
 * Transactions that are followed with one Postgres snapshot beside. The snapshot has seen everything before the first
 * of them, and nothing after the last. A row that none of them changes is therefore the same from before the first to
 * after the last, and as the snapshot shows it. A row that one of them changes is taken from the log, which has its
 * version before each change and after it; what the snapshot shows of it is left out. So every row is known as it was
 * at each point between, though the snapshot is of one point, or of none.
 */
export class Window implements Candidates {
  readonly #base: Base;
  readonly #caches = new Map<QueryState, CandidateCache>();
  /** For each query and literal: keys of the values whose rows were read, or all of them. */
  readonly #read = new Map<string, Set<string> | 'all'>();

  /** @param transactions all of them, in the order in which they will be followed. */
  constructor(base: Base, states: readonly QueryState[], transactions: readonly ShapeTransaction[]) {
    this.#base = base;
    for (const state of states) if (state.follows) this.#caches.set(state, new CandidateCache(state));
    for (const { rows } of transactions) {
      for (const [state, cache] of this.#caches) {
        for (const change of rows[state.plan.index]!) cache.foresee(change);
      }
    }
  }

  async of(
    state: QueryState,
    moves: ReadonlyMap<number, SetMoves>,
  ): Promise<Iterable<readonly [string, Tuple]>> {
    const cache = this.#caches.get(state)!;
    const found = new Map<string, Tuple>();
    for (const [literal, { entered, left, turned }] of moves) {
      if (turned) await this.#readAll(state, literal);
      else await this.#readValues(state, literal, new Map([...entered, ...left]));
      const rows = turned ? cache.all() : cache.withValues(literal, [...entered.keys(), ...left.keys()]);
      for (const [key, row] of rows) found.set(key, row);
    }
    return found;
  }

  /** To be called when a transaction was followed. */
  followed({ rows }: ShapeTransaction): void {
    for (const [state, cache] of this.#caches) {
      for (const change of rows[state.plan.index]!) cache.apply(change);
    }
  }

  async #readAll(state: QueryState, literal: number): Promise<void> {
    const name = `${state.plan.index}/${literal}`;
    if (this.#read.get(name) === 'all') return;
    this.#read.set(name, 'all');
    await this.#load(state, groupsSql(state, literal, null));
  }

  async #readValues(state: QueryState, literal: number, values: ReadonlyMap<string, Tuple>): Promise<void> {
    const name = `${state.plan.index}/${literal}`;
    const read = this.#read.get(name) ?? new Set();
    if (read === 'all') return;
    this.#read.set(name, read);
    const missing = [...values].filter(([key]) => !read.has(key));
    for (let at = 0; at < missing.length; at += VALUES_AT_ONCE) {
      const some = missing.slice(at, at + VALUES_AT_ONCE);
      await this.#load(
        state,
        groupsSql(
          state,
          literal,
          some.map(([, texts]) => texts),
        ),
      );
      for (const [key] of some) read.add(key);
    }
  }

  async #load(state: QueryState, where: string): Promise<void> {
    const cache = this.#caches.get(state)!;
    const stepAside = stretches();
    const sql = `${rowsSql(state.plan, where)} LIMIT ${MAX_ROWS + 1}`;
    let rows = 0;
    for await (const lines of this.#base.copy(sql)) {
      for (const line of lines) cache.offer(rowOf(state.plan, line));
      rows += lines.length;
      if (rows > MAX_ROWS || cache.size > MAX_ROWS || cache.bytes > MAX_CHARACTERS) {
        throw new TooLarge('more rows came or went at once than are looked at');
      }
      await stepAside();
    }
  }
}

/**
 * SQL of the rows of which a move of a literal is to be told. Of `values` these are the rows that have one of them, and for
 * which what the row alone decides in one of the literal's groups is true. Where there are none, the literal turned for
 * every row: also those that are in view by a group without it have another reason now, and nothing else tells of it.
 */
function groupsSql({ plan }: QueryState, index: number, values: readonly Tuple[] | null): string {
  const { literals, groups } = plan.form!;
  const literal = literals[index]!;
  if (literal.kind !== 'in_query') throw new TypeError('a literal that is no subquery does not move');
  const plainParts = (group: readonly number[]) => {
    const plain = group.flatMap((each) => {
      const other = literals[each]!;
      return other.kind === 'plain' ? [conditionSql(other.condition)] : [];
    });
    return plain.length === 0 ? 'TRUE' : plain.join(' AND ');
  };
  if (values === null) return `(${groups.map(plainParts).join(' OR ')})`;
  const list = values.map((texts) => valuesSql(literal.query.values, texts)).join(', ');
  const alternatives = groups.filter((group) => group.includes(index)).map(plainParts);
  return `${rowSql(literal.left)} IN (${list}) AND (${alternatives.join(' OR ')})`;
}

function valuesSql(values: readonly Expression[], texts: Tuple): string {
  const parts = values.map((value, i) => constantSql(value, texts[i]!));
  return parts.length === 1 ? parts[0]! : `(${parts.join(', ')})`;
}

/** A subquery's value with its column's text put in. */
function constantSql(value: Expression, text: string): string {
  switch (value.kind) {
    case 'column':
      return `${quoteLiteral(text)}::${value.type.sqlName}`;
    case 'operation':
      return `(${value.operation.sql(...value.args.map((each) => constantSql(each, text)))})`;
    default:
      return conditionSql(value);
  }
}
