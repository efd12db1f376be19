import type { Tuple } from '../../change-log/change-log.ts';
import { END_OF_CHANGE, END_OF_LAST_CHANGE } from '../encoded-message.ts';
import type { LogEntry } from '../encoded-message.ts';
import { SHORT_IDS } from '../message-encoder.ts';
import type { MessageEncoder } from '../message-encoder.ts';
import { operationsBetween } from '../operations.ts';
import type { RowOperation } from '../operations.ts';
import type { MoveListener } from './follow-transaction.ts';
import type { QueryState } from './query-state.ts';
import type { RowEncoder } from './row-encoder.ts';
import type { RowChange, ShapeTransaction } from './transaction.ts';
import type { SetMoves, Side } from './value-set.ts';

interface Pattern {
  readonly literal: number;
  readonly key: string;
}

/**
 * The messages of one transaction for a shape with subqueries. Changes of rows come first, each at its position. Then
 * what has moved: Electric's event with the values that have come in and the rows that came with them; rows that went,
 * each deleted by name, since Electric's own client does not act on events; and the event with the values that went.
 * Who does act on them has come in before he goes, so that a row that stays for another reason stays.
 */
export class TransactionMessages implements MoveListener {
  readonly #encoder: MessageEncoder;
  readonly #rows: RowEncoder;
  readonly #state: QueryState;
  readonly #transaction: ShapeTransaction;
  readonly #changes: { readonly op: number; readonly text: string }[] = [];
  readonly #in: Tuple[] = [];
  readonly #out: Tuple[] = [];
  readonly #stayed: Tuple[] = [];
  #moves: ReadonlyMap<number, SetMoves> | null = null;

  constructor(encoder: MessageEncoder, rows: RowEncoder, state: QueryState, transaction: ShapeTransaction) {
    this.#encoder = encoder;
    this.#rows = rows;
    this.#state = state;
    this.#transaction = transaction;
  }

  changed(change: RowChange, wasIn: boolean, isIn: boolean, side: Side): void {
    const before = wasIn ? change.old : null;
    const after = isIn ? change.new : null;
    const operations = operationsBetween(change.position, before, after, this.#rows.places);
    for (const operation of operations) this.#change(operation, side);
    if (operations.length > 0 || before === null || after === null) return;
    // No column of the shape has changed, but what the row is in it by may have.
    const reasons = this.#rows.reasons(after, this.#state, 'after');
    if (reasons === this.#rows.reasons(before, this.#state, side)) return;
    const key = this.#state.keyOf(after);
    this.#change({ operation: 'update', position: change.position, key, row: after, old: before }, side);
  }

  moved(row: Tuple, isIn: boolean): void {
    (isIn ? this.#in : this.#out).push(row);
  }

  stayed(row: Tuple): void {
    this.#stayed.push(row);
  }

  turned(moves: ReadonlyMap<number, SetMoves>): void {
    this.#moves = moves;
  }

  /** Whether values have come in. */
  get hasMovedIn(): boolean {
    return this.#in.length > 0 || this.#patterns().in.length > 0;
  }

  /** The messages in their order, once the transaction was followed; `last` comes after all others. */
  entries(last: string | null): LogEntry[] {
    const entries: LogEntry[] = [];
    const add = (op: number, text: string) =>
      entries.push({ offset: { kind: 'log', lsn: this.#transaction.lsn, op }, bytes: Buffer.from(text) });
    this.#changes.forEach(({ op, text }, i) =>
      add(op, text + (i + 1 === this.#changes.length ? END_OF_LAST_CHANGE : END_OF_CHANGE)),
    );
    let op = Math.max(this.#transaction.lastPosition, this.#changes.at(-1)?.op ?? 0);
    const next = () => (op += 1);
    const patterns = this.#patterns();
    const txid = this.#transaction.xid % SHORT_IDS;
    if (patterns.in.length > 0) add(next(), this.#rows.event('move-in', patterns.in, txid));
    for (const row of this.#in) add(next(), this.#rows.movedIn(row, this.#state));
    for (const row of this.#stayed) {
      const text = this.#update(row, op + 1);
      if (text !== null) add(next(), text);
    }
    for (const row of this.#out) add(next(), this.#text(this.#removal(row, op), 'before') + END_OF_CHANGE);
    if (patterns.out.length > 0) add(next(), this.#rows.event('move-out', patterns.out, txid));
    if (last !== null) add(next(), last);
    return entries;
  }

  #change(operation: RowOperation, side: Side): void {
    this.#changes.push({ op: operation.position, text: this.#text(operation, side) });
  }

  /** Without its end. */
  #text(operation: RowOperation, side: Side): string {
    const { lsn, xid } = this.#transaction;
    const text = this.#encoder.change(operation, this.#rows.places, lsn, xid);
    const { row, old } = operation;
    const reasons = this.#rows.reasons(row, this.#state, operation.operation === 'delete' ? side : 'after');
    if (operation.operation !== 'update' || old === null) return text + reasons;
    const tags = new Set(this.#rows.tags(row, this.#state));
    const removed = this.#rows.tags(old, this.#state).filter((tag) => !tags.has(tag));
    return `${text}${reasons},"removed_tags":${JSON.stringify(removed)}`;
  }

  #removal(row: Tuple, position: number): RowOperation {
    return { operation: 'delete', position, key: this.#state.keyOf(row), row, old: null };
  }

  /** Tells of a row that stayed what it is in the shape by now; null where that is what it was. */
  #update(row: Tuple, position: number): string | null {
    const before = this.#rows.reasons(row, this.#state, 'before');
    if (before === this.#rows.reasons(row, this.#state, 'after')) return null;
    const key = this.#state.keyOf(row);
    return this.#text({ operation: 'update', position, key, row, old: row }, 'before') + END_OF_CHANGE;
  }

  /** Values that have come and gone, by literal; of a NOT IN the values that its subquery lost have come. */
  #patterns(): { readonly in: readonly Pattern[]; readonly out: readonly Pattern[] } {
    const found = { in: [] as Pattern[], out: [] as Pattern[] };
    for (const [literal, { entered, left, turned }] of this.#moves ?? []) {
      // Each row is told of by itself.
      if (turned) continue;
      const { literals } = this.#state.plan.form!;
      const at = literals[literal]!;
      const isNegated = at.kind === 'in_query' && at.negated;
      const [come, gone] = isNegated ? [left, entered] : [entered, left];
      for (const key of come.keys()) found.in.push({ literal, key });
      for (const key of gone.keys()) found.out.push({ literal, key });
    }
    return found;
  }
}
