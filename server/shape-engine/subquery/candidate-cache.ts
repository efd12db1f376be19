import type { Tuple } from '../../change-log/change-log.ts';
import type { QueryState } from './query-state.ts';
import { bytesOf } from './transaction.ts';
import type { RowChange } from './transaction.ts';

/** Rows that one query may have to look at while some transactions are followed, by key and by the values they have. */
export class CandidateCache {
  readonly #state: QueryState;
  readonly #rows = new Map<string, Tuple>();
  /** For each literal that is a subquery: keys of rows by the key of their value. */
  readonly #byValue: readonly (Map<string | null, Set<string>> | null)[];
  /** Rows that one of the transactions changes: all their versions are in the log. */
  readonly #changed = new Set<string>();
  #bytes = 0;

  constructor(state: QueryState) {
    this.#state = state;
    this.#byValue = state.inner.map((each) => (each === null ? null : new Map()));
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Characters of the rows' texts. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Looks at a change that is still to come: rows are kept as they are before the first. */
  foresee({ old, new: now }: RowChange): void {
    if (old !== null) {
      const key = this.#state.keyOf(old);
      if (!this.#changed.has(key)) this.#set(key, old);
      this.#changed.add(key);
    }
    if (now !== null) this.#changed.add(this.#state.keyOf(now));
  }

  /** Takes a row as Postgres has it, which for one that changes may be too new. */
  offer(row: Tuple): void {
    const key = this.#state.keyOf(row);
    if (!this.#changed.has(key)) this.#set(key, row);
  }

  /** Applies a change. */
  apply({ old, new: now }: RowChange): void {
    if (old !== null) this.#delete(this.#state.keyOf(old));
    if (now !== null) this.#set(this.#state.keyOf(now), now);
  }

  /** Rows whose value for a literal has one of these keys. */
  *withValues(literal: number, keys: Iterable<string>): Iterable<readonly [string, Tuple]> {
    const byValue = this.#byValue[literal]!;
    for (const value of keys) {
      for (const key of byValue.get(value) ?? []) yield [key, this.#rows.get(key)!];
    }
  }

  /** Every row. */
  all(): Iterable<readonly [string, Tuple]> {
    return this.#rows;
  }

  #set(key: string, row: Tuple): void {
    this.#delete(key);
    this.#rows.set(key, row);
    this.#bytes += bytesOf(row);
    this.#state.keys(row).forEach((value, literal) => {
      const byValue = this.#byValue[literal];
      if (byValue === null || byValue === undefined || value === undefined) return;
      const keys = byValue.get(value);
      if (keys === undefined) byValue.set(value, new Set([key]));
      else keys.add(key);
    });
  }

  #delete(key: string): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    this.#bytes -= bytesOf(row);
    this.#state.keys(row).forEach((value, literal) => {
      if (value !== undefined) this.#byValue[literal]?.get(value)?.delete(key);
    });
  }
}
