import type { WantedShape } from '../platform/tabs.ts';
import { subscriptionsOf } from '../replica/subscription.ts';
import type { Subscription } from '../replica/subscription.ts';

/** A tab says what it wants this often, in milliseconds. Browsers let hidden tabs do so once a minute. */
export const SAY_EVERY_MS = 60_000;
/** A tab that was not heard of for this long is gone, in milliseconds. */
const GONE_AFTER_MS = 5 * SAY_EVERY_MS;
/** Other tabs that are served at once; more want nothing new in all likelihood. */
const MAX_TABS = 50;

interface OtherTab {
  readonly subscriptions: readonly Subscription[];
  readonly heardAt: number;
}

/** The shapes that the tabs of an account want: the leading tab streams them for all. */
export class TabShapes {
  readonly #own: readonly Subscription[];
  readonly #now: () => number;
  readonly #others = new Map<string, OtherTab>();
  #served = '';

  /** `now` is in milliseconds. */
  constructor(own: readonly Subscription[], now: () => number) {
    this.#own = own;
    this.#now = now;
  }

  /** Another tab has said what it wants; nothing any more when it closes. */
  heard(tab: string, shapes: readonly WantedShape[]): void {
    this.#others.delete(tab);
    if (shapes.length === 0 || this.#others.size >= MAX_TABS) return;
    this.#others.set(tab, { subscriptions: known(shapes), heardAt: this.#now() });
  }

  /** What all tabs want, each once. */
  all(): Subscription[] {
    const now = this.#now();
    for (const [tab, other] of this.#others) {
      // The clock has been set back since: counted from now.
      const heardAt = Math.min(other.heardAt, now);
      if (heardAt < now - GONE_AFTER_MS) this.#others.delete(tab);
      else this.#others.set(tab, { ...other, heardAt });
    }
    const wanted = [
      this.#own,
      ...[...this.#others.values()].map(({ subscriptions }) => subscriptions),
    ].flat();
    return [...new Map(wanted.toSorted(patientFirst).map((one) => [one.id, one])).values()];
  }

  /** As `all`, for whoever begins to serve it. */
  toServe(): Subscription[] {
    const all = this.all();
    this.#served = idsOf(all);
    return all;
  }

  /** Whether what is served is not what is wanted any more. */
  get changed(): boolean {
    return this.#served !== idsOf(this.all());
  }
}

/** Of two that want the same shape, the one that would wait for news has its way, then the one that looks more often. */
const patientFirst = (a: Subscription, b: Subscription) => (b.lookEveryMs ?? 0) - (a.lookEveryMs ?? 0);

/** A tab with another version of the app may want what this one does not know. */
function known(shapes: readonly WantedShape[]): Subscription[] {
  return shapes.flatMap((shape) => {
    try {
      return subscriptionsOf([shape]);
    } catch {
      return [];
    }
  });
}

const idsOf = (subscriptions: readonly Subscription[]) =>
  JSON.stringify(subscriptions.map(({ id, lookEveryMs }) => `${id} ${lookEveryMs}`).toSorted());
