import type { Tuple } from '../../change-log/change-log.ts';

/** What a subquery's row gives: its key, null where it holds a NULL, and Postgres's texts of its values. */
export interface RowValue {
  readonly key: string | null;
  readonly texts: Tuple;
}

/** Before or after the transaction that is being followed. */
export type Side = 'before' | 'after';

/** What one transaction did to a set. */
export interface SetMoves {
  /** Values that are in it now and were not, by key. */
  readonly entered: ReadonlyMap<string, Tuple>;
  readonly left: ReadonlyMap<string, Tuple>;
  /** NOT IN changed for every row, by a NULL or because the set was, or is, empty. */
  readonly turned: boolean;
}

interface Member {
  count: number;
  readonly texts: Tuple;
}

/**
 * The values that a subquery gives, with the number of its rows for each. It answers for both sides of the transaction
 * that is being followed, until that is settled.
 */
export class ValueSet {
  readonly #members = new Map<string, Member>();
  #rows = 0;
  #nulls = 0;
  readonly #entered = new Map<string, Tuple>();
  readonly #left = new Map<string, Tuple>();
  #rowsBefore = 0;
  #nullsBefore = 0;

  /** Distinct values. */
  get size(): number {
    return this.#members.size;
  }

  /** @param rows how many rows give the value. */
  add({ key, texts }: RowValue, rows = 1): void {
    this.#rows += rows;
    if (key === null) {
      this.#nulls += rows;
      return;
    }
    const member = this.#members.get(key);
    if (member !== undefined) {
      member.count += rows;
      return;
    }
    this.#members.set(key, { count: rows, texts });
    if (!this.#left.delete(key)) this.#entered.set(key, texts);
  }

  /** Throws where there is no such row: the set would be another than the subquery's. */
  remove({ key }: RowValue): void {
    this.#rows -= 1;
    if (key === null) {
      this.#nulls -= 1;
      if (this.#nulls < 0) throw new RangeError('a NULL left a set that has none');
      return;
    }
    const member = this.#members.get(key);
    if (member === undefined) throw new RangeError('a value left a set that has none such');
    member.count -= 1;
    if (member.count > 0) return;
    this.#members.delete(key);
    if (!this.#entered.delete(key)) this.#left.set(key, member.texts);
  }

  /** What the transaction did; null where no verdict can be another. */
  moves(): SetMoves | null {
    const turned =
      (this.#rows === 0) !== (this.#rowsBefore === 0) || (this.#nulls === 0) !== (this.#nullsBefore === 0);
    if (this.#entered.size === 0 && this.#left.size === 0 && !turned) return null;
    return { entered: this.#entered, left: this.#left, turned };
  }

  /** The transaction is over: what is after it is before the next. */
  settle(): void {
    this.#entered.clear();
    this.#left.clear();
    this.#rowsBefore = this.#rows;
    this.#nullsBefore = this.#nulls;
  }

  /** Whether `x IN (…)` is true, of the key of x. */
  isIn(key: string | null, side: Side): boolean {
    return key !== null && this.#has(key, side);
  }

  /** Whether `x NOT IN (…)` is true: not for a NULL, nor of a set that holds one, but always of an empty set. */
  isNotIn(key: string | null, side: Side): boolean {
    const isBefore = side === 'before';
    if ((isBefore ? this.#rowsBefore : this.#rows) === 0) return true;
    if ((isBefore ? this.#nullsBefore : this.#nulls) > 0) return false;
    return key !== null && !this.#has(key, side);
  }

  #has(key: string, side: Side): boolean {
    if (side === 'after') return this.#members.has(key);
    if (this.#entered.has(key)) return false;
    return this.#left.has(key) || this.#members.has(key);
  }
}
