import type { Tuple } from '../../change-log/change-log.ts';
import { stretches } from '../stretch.ts';
import type { QueryState } from './query-state.ts';
import type { RowChange, ShapeTransaction } from './transaction.ts';
import type { SetMoves, Side } from './value-set.ts';

/** Rows that may have come into a query, or gone, because its subqueries give other values. */
export interface Candidates {
  /** As they were before the transaction; those that it changed may be among them. */
  of(query: QueryState, moves: ReadonlyMap<number, SetMoves>): Promise<Iterable<readonly [string, Tuple]>>;
}

/** Told what a transaction means to the shape's own query. */
export interface MoveListener {
  /** A row changed; `side` is that on which its old version was judged. */
  changed(change: RowChange, wasIn: boolean, isIn: boolean, side: Side): void;
  /** A row that did not change came or went. */
  moved(row: Tuple, isIn: boolean): void;
  /** A row stayed, and by a literal of these that is no matter of its value. */
  stayed(row: Tuple): void;
  /** What the subqueries, by literal, give now that they did not, and the opposite. */
  turned(moves: ReadonlyMap<number, SetMoves>): void;
}

/**
 * Brings the states of a shape's queries, subqueries first, from before a transaction to after it. A row that the
 * transaction changed is judged from the log: its oldest version by what the subqueries gave before, every later one by
 * what they give after. Rows that it did not change are asked for, and only where a subquery moved.
 */
export async function followTransaction(
  states: readonly QueryState[],
  transaction: ShapeTransaction,
  candidates: Candidates,
  listener: MoveListener,
): Promise<void> {
  const stepAside = stretches();
  for (const state of states) {
    const isOwn = state === states.at(-1);
    const touched = new Set<string>();
    for (const change of transaction.rows[state.plan.index]!) {
      const side = state.follows && isTouched(state, change.old, touched) ? 'after' : 'before';
      const wasIn = change.old !== null && state.includes(change.old, side);
      const isIn = change.new !== null && state.includes(change.new, 'after');
      if (state.follows) touch(state, change, touched);
      if (isOwn) listener.changed(change, wasIn, isIn, side);
      else {
        if (wasIn) state.set.remove(state.valueOf(change.old));
        if (isIn) state.set.add(state.valueOf(change.new));
      }
      await stepAside();
    }
    const moves = movesIn(state);
    if (moves.size === 0) continue;
    const isTurned = [...moves.values()].some(({ turned }) => turned);
    for (const [key, row] of await candidates.of(state, moves)) {
      if (touched.has(key)) continue;
      const wasIn = state.includes(row, 'before');
      const isIn = state.includes(row, 'after');
      if (wasIn !== isIn) {
        if (isOwn) listener.moved(row, isIn);
        else if (isIn) state.set.add(state.valueOf(row));
        else state.set.remove(state.valueOf(row));
      } else if (isIn && isOwn && isTurned) listener.stayed(row);
      await stepAside();
    }
    if (isOwn) listener.turned(moves);
  }
}

/** Ends the transaction: what is after it is before the next. */
export function settle(states: readonly QueryState[]): void {
  for (const { set } of states) set.settle();
}

function isTouched(state: QueryState, row: Tuple | null, touched: ReadonlySet<string>): boolean {
  return row !== null && touched.has(state.keyOf(row));
}

function touch(state: QueryState, change: RowChange, touched: Set<string>): void {
  for (const row of [change.old, change.new]) if (row !== null) touched.add(state.keyOf(row));
}

/** What the transaction did to each literal that is a subquery. */
function movesIn({ inner, plan }: QueryState): ReadonlyMap<number, SetMoves> {
  const found = new Map<number, SetMoves>();
  inner.forEach((state, index) => {
    const moves = state?.set.moves() ?? null;
    if (moves === null) return;
    const literal = plan.form!.literals[index]!;
    const isNegated = literal.kind === 'in_query' && literal.negated;
    // NULL and emptiness are no matter to IN.
    const seen = isNegated ? moves : { ...moves, turned: false };
    if (seen.turned || seen.entered.size > 0 || seen.left.size > 0) found.set(index, seen);
  });
  return found;
}
