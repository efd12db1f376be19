import type { ShapeSource } from '../shape-engine/shape-engine.ts';
import type { RawQuery } from './raw-query.ts';

/** What a request of the raw endpoint follows. */
export function sourceOf({ schema, table, columns, where, params, replica, log }: RawQuery): ShapeSource {
  return { schema, table, columns, where, params, replica, log, wordBooleans: true };
}
