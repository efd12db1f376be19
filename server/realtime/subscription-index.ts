import { latLngToCell } from 'h3-js';
import { cellsOfCircle } from './circle-cells.ts';
import type { IncidentChange, IncidentView } from './incident-change.ts';
import type { Subscription } from './subscription.ts';

/**
 * Finds the subscriptions that a change may concern without asking each: by the codes of its areas, by the cells that it
 * lies in, and those for which neither is said. Who is found is still to be asked.
 */
export class SubscriptionIndex<Owner> {
  readonly #byArea = new Map<string, Set<Subscription<Owner>>>();
  readonly #byCell = new Map<string, Set<Subscription<Owner>>>();
  readonly #anywhere = new Set<Subscription<Owner>>();
  /** How many subscriptions have cells of each resolution. */
  readonly #resolutions = new Map<number, number>();
  readonly #entries = new Map<Subscription<Owner>, () => void>();

  /** Subscriptions in it. */
  get size(): number {
    return this.#entries.size;
  }

  /** Adds one; a second time it does nothing. */
  add(subscription: Subscription<Owner>): void {
    if (this.#entries.has(subscription)) return;
    this.#entries.set(subscription, this.#insert(subscription));
  }

  /** Takes one out, if it is there. */
  remove(subscription: Subscription<Owner>): void {
    this.#entries.get(subscription)?.();
    this.#entries.delete(subscription);
  }

  /** Those that the change may concern, each once. */
  candidates({ before, after }: IncidentChange): Iterable<Subscription<Owner>> {
    const found = new Set(this.#anywhere);
    for (const view of [before, after]) {
      if (view === null) continue;
      for (const set of this.#setsOf(view)) for (const subscription of set) found.add(subscription);
    }
    return found;
  }

  #insert(subscription: Subscription<Owner>): () => void {
    const { area, circle } = subscription.filter;
    if (area !== undefined) return put(this.#byArea, [area], subscription);
    if (circle === undefined) {
      this.#anywhere.add(subscription);
      return () => this.#anywhere.delete(subscription);
    }
    const { resolution, cells } = cellsOfCircle(circle);
    this.#resolutions.set(resolution, (this.#resolutions.get(resolution) ?? 0) + 1);
    const takeOut = put(this.#byCell, cells, subscription);
    return () => {
      takeOut();
      const left = this.#resolutions.get(resolution)! - 1;
      if (left === 0) this.#resolutions.delete(resolution);
      else this.#resolutions.set(resolution, left);
    };
  }

  *#setsOf({ areas, lat, lon }: IncidentView): Generator<Set<Subscription<Owner>>> {
    for (const area of areas) {
      const set = this.#byArea.get(area);
      if (set !== undefined) yield set;
    }
    for (const resolution of this.#resolutions.keys()) {
      const set = this.#byCell.get(latLngToCell(lat, lon, resolution));
      if (set !== undefined) yield set;
    }
  }
}

function put<Entry>(map: Map<string, Set<Entry>>, keys: readonly string[], entry: Entry): () => void {
  for (const key of keys) {
    const set = map.get(key);
    if (set === undefined) map.set(key, new Set([entry]));
    else set.add(entry);
  }
  return () => {
    for (const key of keys) {
      const set = map.get(key);
      set?.delete(entry);
      if (set?.size === 0) map.delete(key);
    }
  };
}
