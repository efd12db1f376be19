/** Sets of names that only ever join (union-find with path halving; Tarjan and van Leeuwen 1984). */
export class DisjointSets {
  readonly #parents = new Map<string, string>();

  rootOf(id: string): string {
    let current = id;
    for (let parent = this.#parents.get(current); parent !== undefined; parent = this.#parents.get(current)) {
      const grandparent = this.#parents.get(parent);
      if (grandparent !== undefined) this.#parents.set(current, grandparent);
      current = parent;
    }
    return current;
  }

  /** Joins the sets of two names; returns the root that is left. */
  join(a: string, b: string): string {
    const [rootA, rootB] = [this.rootOf(a), this.rootOf(b)];
    if (rootA !== rootB) this.#parents.set(rootB, rootA);
    return rootA;
  }
}
