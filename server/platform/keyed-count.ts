/** Counts what is open by keys, each up to a bound. Keys with nothing open take no room. */
export class KeyedCount {
  readonly #open = new Map<string, number>();

  /** Counts one more until the returned function is called; undefined where the key has `most` already. */
  take(key: string, most: number): (() => void) | undefined {
    const open = this.#open.get(key) ?? 0;
    if (open >= most) return undefined;
    this.#open.set(key, open + 1);
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      const left = this.#open.get(key)! - 1;
      if (left === 0) this.#open.delete(key);
      else this.#open.set(key, left);
    };
  }
}
