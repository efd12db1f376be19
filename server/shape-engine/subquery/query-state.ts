import type { LogRelation, Tuple } from '../../change-log/change-log.ts';
import { hasFullIdentity, hasKey, isColumn } from '../row-binding.ts';
import { keyPart } from '../row-key.ts';
import { EvaluationError } from '../where/evaluation-error.ts';
import { compileExpression } from '../where/evaluator.ts';
import type { Evaluator, IndexOf } from '../where/evaluator.ts';
import { columnsOf } from '../where/condition.ts';
import { compilePredicate } from '../where/predicate.ts';
import type { QueryPlan, ShapePlan } from './plan.ts';
import type { Literal } from './normal-form.ts';
import { rowKey } from './value-key.ts';
import { ValueSet } from './value-set.ts';
import type { RowValue, Side } from './value-set.ts';

/** A literal's verdict on a row, and the key of the row's value where it is a subquery. */
interface Test {
  readonly isTrue: (row: Tuple, side: Side) => boolean;
  readonly keyOf: ((row: Tuple) => string | null | undefined) | null;
}

/** A query with what its subqueries give at a point of the log; rows consist of its plan's `used` columns. */
export class QueryState {
  readonly plan: QueryPlan;
  /** What this query gives to the one that it is a part of. */
  readonly set = new ValueSet();
  /** For each literal the state of its subquery. */
  readonly inner: readonly (QueryState | null)[];
  readonly #tests: readonly Test[];
  readonly #values: readonly Evaluator[];
  readonly #texts: readonly number[];
  readonly #key: readonly number[];

  constructor(plan: QueryPlan, earlier: readonly QueryState[]) {
    this.plan = plan;
    this.inner = plan.inner.map((each) => (each === null ? null : earlier[each.index]!));
    const places = new Map(plan.used.map(({ name }, place) => [name, place]));
    const indexOf = (name: string) => places.get(name) ?? -1;
    this.#tests = (plan.form?.literals ?? []).map((literal, i) => testOf(literal, this.inner[i]!, indexOf));
    this.#values = plan.values.map((each) => compileExpression(each, indexOf));
    this.#texts = plan.values.map((each) => indexOf([...columnsOf(each)][0]!));
    this.#key = plan.key.map(({ name }) => indexOf(name));
  }

  /** Whether it has subqueries of its own: then rows come and go that did not change. */
  get follows(): boolean {
    return this.inner.some((each) => each !== null);
  }

  /** Whether the row is in the query's answer. */
  includes(row: Tuple, side: Side): boolean {
    const { form } = this.plan;
    if (form === null) return true;
    return form.groups.some((group) => group.every((index) => this.#tests[index]!.isTrue(row, side)));
  }

  /** Which literals are true. */
  verdicts(row: Tuple, side: Side): boolean[] {
    return this.#tests.map((test) => test.isTrue(row, side));
  }

  /** For each literal that is a subquery, the key of the row's value (null for NULL); undefined for the others. */
  keys(row: Tuple): (string | null | undefined)[] {
    return this.#tests.map(({ keyOf }) => (keyOf === null ? undefined : (keyOf(row) ?? null)));
  }

  /** What the row gives to the query above. A value that cannot be computed is as unknown as NULL. */
  valueOf(row: Tuple): RowValue {
    const texts = this.#texts.map((place) => row[place] ?? null);
    return { key: orUndefined(() => rowKey(this.#values.map((value) => value(row)))) ?? null, texts };
  }

  /** The same of the texts of the columns that the values are made from, in the order of the values. */
  valueOfTexts(texts: Tuple): RowValue {
    const row = this.plan.used.map(() => null as string | null);
    this.#texts.forEach((place, i) => (row[place] = texts[i] ?? null));
    return this.valueOf(row);
  }

  /** The row's key, as messages write it after the table's name. */
  keyOf(row: Tuple): string {
    let key = '';
    for (const place of this.#key) key += keyPart(row[place] ?? null);
    return key;
  }
}

/** States of all queries of a shape, of empty tables. */
export function emptyStates({ queries }: ShapePlan): readonly QueryState[] {
  const states: QueryState[] = [];
  for (const plan of queries) states.push(new QueryState(plan, states));
  return states;
}

function testOf(literal: Literal, inner: QueryState | null, indexOf: IndexOf): Test {
  if (literal.kind === 'plain') {
    const predicate = compilePredicate(literal.condition, indexOf);
    return { isTrue: (row) => predicate(row) === true, keyOf: null };
  }
  const { set } = inner!;
  const left = literal.left.map((each) => compileExpression(each, indexOf));
  const keyOf = (row: Tuple) => orUndefined(() => rowKey(left.map((each) => each(row))));
  const { negated } = literal;
  const isTrue = (row: Tuple, side: Side) => {
    const key = keyOf(row);
    if (key === undefined) return false;
    return negated ? set.isNotIn(key, side) : set.isIn(key, side);
  };
  return { isTrue, keyOf };
}

/** Undefined where Postgres would fail. */
function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof EvaluationError) return undefined;
    throw error;
  }
}

/**
 * Where the columns of a query's rows stand in a relation of the log; null when that is another table than the one
 * planned for, or its changes do not bring the whole old row.
 */
export function placesIn({ table, used, all }: QueryPlan, relation: LogRelation): readonly number[] | null {
  const isSame =
    relation.oid === table.oid && relation.schema === table.schema && relation.table === table.table;
  if (!isSame || !hasFullIdentity(relation) || !hasKey(relation, table.key)) return null;
  if (all && relation.columns.length !== table.columns.filter(({ generated }) => !generated).length)
    return null;
  const places: number[] = [];
  for (const column of used) {
    const place = relation.columns.findIndex(({ name }) => name === column.name);
    if (!isColumn(relation.columns[place], column)) return null;
    places.push(place);
  }
  return places;
}
