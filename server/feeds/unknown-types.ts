/** So many different types are told apart; what comes beyond them is counted as one. */
const MAX_TYPES = 200;
const REST = '(further types)';

/** Counts items of feeds whose type the taxonomy lacks: each is an `other`, and worth a look. */
export class UnknownTypes {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** Items counted since the start. */
  get total(): number {
    return this.#total;
  }

  add(rawType: string): void {
    const known = this.#counts.has(rawType) || this.#counts.size < MAX_TYPES;
    const key = known ? rawType : REST;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#total += 1;
  }

  /** Each type with the number of its items, the commonest first. */
  list(): readonly (readonly [rawType: string, items: number])[] {
    return [...this.#counts].toSorted(([, a], [, b]) => b - a);
  }
}
