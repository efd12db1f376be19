import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ShapeSubscription } from '../api.ts';
import { HaloClientError } from '../errors.ts';

/** Shapes that every device keeps. */
const ALWAYS: readonly ShapeSubscription[] = [{ name: 'my_reports' }, { name: 'my_mutations' }];

/** A shape with its parameters, checked against the catalogue. */
export interface Subscription {
  /** Names it among all subscriptions, and in the replica's cursors. */
  readonly id: string;
  readonly definition: ShapeDefinition;
  readonly params: Readonly<Record<string, string>>;
  /** Looks for news this often; undefined for one that waits for it. */
  readonly lookEveryMs: number | undefined;
}

/** Bounds of `lookEveryMs`. */
const LOOK_MS = { least: 1_000, most: 86_400_000 };

/**
 * The subscriptions of a device: those asked for and those that are always kept, each once. Fails with
 * `unknown_shape` naming what the catalogue does not have.
 */
export function subscriptionsOf(asked: readonly ShapeSubscription[]): Subscription[] {
  const all = [...asked, ...ALWAYS].map(subscriptionOf);
  return [...new Map(all.map((subscription) => [subscription.id, subscription])).values()];
}

function subscriptionOf({ name, params = {}, lookEveryMs }: ShapeSubscription): Subscription {
  const definition = CATALOG.get(name);
  if (definition === undefined) throw new HaloClientError('unknown_shape', `There is no shape "${name}".`);
  if (lookEveryMs !== undefined && !(lookEveryMs >= LOOK_MS.least && lookEveryMs <= LOOK_MS.most)) {
    const message = `lookEveryMs of the shape "${name}" must be ${LOOK_MS.least} to ${LOOK_MS.most}.`;
    throw new HaloClientError('invalid_options', message, { field: 'lookEveryMs' });
  }
  const declared = Object.keys(definition.params).toSorted();
  const extra = Object.keys(params).find((param) => !declared.includes(param));
  if (extra !== undefined) {
    throw new HaloClientError('unknown_shape', `The shape "${name}" has no parameter "${extra}".`, {
      field: extra,
    });
  }
  const checked: Record<string, string> = {};
  for (const param of declared) {
    const parsed = definition.params[param]!.safeParse(params[param]);
    if (!parsed.success) {
      const reason = parsed.error.issues[0]?.message ?? 'not a value of it';
      const message = `The parameter "${param}" of the shape "${name}": ${reason}.`;
      throw new HaloClientError('unknown_shape', message, { field: param });
    }
    checked[param] = parsed.data;
  }
  const query = new URLSearchParams(checked).toString();
  return { id: query === '' ? name : `${name}?${query}`, definition, params: checked, lookEveryMs };
}
