import { MAX_SUBSCRIPTIONS } from '@halo/shapes/protocol/realtime.ts';
import type { RealtimeSubscription } from '@halo/shapes/protocol/realtime.ts';
import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { HaloError } from '../platform/errors.ts';
import type { Match } from './change-frames.ts';
import type { IncidentChange } from './incident-change.ts';
import { newsFor } from './subscription.ts';
import type { Subscription } from './subscription.ts';
import type { SubscriptionIndex } from './subscription-index.ts';

/** The subscriptions of one socket. Those in the index are told of changes as they come, the others catch up. */
export class Subscriptions<Owner> {
  readonly #owner: Owner;
  readonly #index: SubscriptionIndex<Owner>;
  readonly #all = new Map<string, Subscription<Owner>>();
  readonly #live = new Set<Subscription<Owner>>();

  constructor(owner: Owner, index: SubscriptionIndex<Owner>) {
    this.#owner = owner;
    this.#index = index;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Adds all of them or none, to begin after `offset`: they are not live yet. */
  add(filters: readonly RealtimeSubscription[], offset: LogOffset): Subscription<Owner>[] {
    if (this.#all.size + filters.length > MAX_SUBSCRIPTIONS) {
      throw new HaloError(
        'too_many_subscriptions',
        `A socket has at most ${MAX_SUBSCRIPTIONS} subscriptions.`,
        {
          status: 400,
          hint: 'End some, or open another socket.',
        },
      );
    }
    const ids = filters.map(({ id }) => id);
    const twice = ids.find((id, i) => this.#all.has(id) || ids.indexOf(id) !== i);
    if (twice !== undefined) {
      throw new HaloError(
        'subscription_exists',
        `There is a subscription ${JSON.stringify(twice)} already.`,
        {
          status: 409,
          field: 'subscriptions',
          hint: 'End it first, or choose another id.',
        },
      );
    }
    return filters.map((filter) => {
      const subscription = { owner: this.#owner, filter, after: offset };
      this.#all.set(filter.id, subscription);
      return subscription;
    });
  }

  /** From now on these are told of what comes after `offset`. */
  goLive(subscriptions: readonly Subscription<Owner>[], offset: LogOffset): void {
    for (const subscription of subscriptions) {
      if (!this.#has(subscription)) continue;
      if (compareLogOffsets(offset, subscription.after) > 0) subscription.after = offset;
      this.#live.add(subscription);
      this.#index.add(subscription);
    }
  }

  /** Takes all that are live out of the index: they were told everything up to `offset` and are to catch up. */
  fallBehind(offset: LogOffset): Subscription<Owner>[] {
    const behind = [...this.#live];
    this.#live.clear();
    for (const subscription of behind) {
      this.#index.remove(subscription);
      if (compareLogOffsets(offset, subscription.after) > 0) subscription.after = offset;
    }
    return behind;
  }

  /** Ends those with these ids; ids that are not there do nothing. */
  remove(ids: Iterable<string>): void {
    for (const id of ids) {
      const subscription = this.#all.get(id);
      if (subscription === undefined) continue;
      this.#all.delete(id);
      this.#live.delete(subscription);
      this.#index.remove(subscription);
    }
  }

  removeAll(): void {
    this.remove([...this.#all.keys()]);
  }

  /** Names of those, live or not, for which something is so. */
  idsWhere(isSo: (filter: RealtimeSubscription) => boolean): string[] {
    return [...this.#all.values()].filter(({ filter }) => isSo(filter)).map(({ filter }) => filter.id);
  }

  /** Which of these are there still. */
  present(subscriptions: readonly Subscription<Owner>[]): Subscription<Owner>[] {
    return subscriptions.filter((subscription) => this.#has(subscription));
  }

  /** What a change is to these, as far as they are there still. */
  matches(subscriptions: readonly Subscription<Owner>[], change: IncidentChange): Match[] {
    return this.present(subscriptions).flatMap((subscription) => {
      const operation = newsFor(subscription, change);
      return operation === undefined ? [] : [{ id: subscription.filter.id, operation }];
    });
  }

  #has(subscription: Subscription<Owner>): boolean {
    return this.#all.get(subscription.filter.id) === subscription;
  }
}
