import { PROTOCOL_PARAMS } from '@halo/shapes/protocol/headers.ts';
import type { ShapeSource, SubsetQuery } from '../../shape-engine/shape-engine.ts';

/** Electric does not know it, and it would part the caches of readers who ask for the same. */
const OURS = new Set<string>(['session']);
const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;

/**
 * The upstream's query for a definition of ours and the protocol's parameters as the reader sent them. What is not the
 * protocol's comes from the catalogue alone (invariant 8). Sorted, so that a cache between knows equal requests.
 */
export function upstreamQuery(
  source: ShapeSource,
  given: Readonly<Record<string, readonly string[]>>,
): readonly (readonly [string, string])[] {
  const { schema, table, columns, where, params } = source;
  const query: [string, string][] = [['table', `${quoted(schema)}.${quoted(table)}`]];
  if (columns !== null) query.push(['columns', columns.map(quoted).join(',')]);
  if (where !== null) query.push(['where', where]);
  params.forEach((value, index) => query.push([`params[${index + 1}]`, value]));
  for (const name of PROTOCOL_PARAMS) {
    const value = given[name]?.[0];
    if (value !== undefined && !OURS.has(name)) query.push([name, value]);
  }
  return query.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A checked subset as the JSON that the upstream takes in a body; there a condition may be longer than a line. */
export function subsetBody({ where, params, orderBy, limit, offset }: SubsetQuery): string {
  return JSON.stringify({
    // However it is put together with the shape's own, it stays one condition, and a comment ends with its line.
    ...(where === null ? {} : { where: `(${where}\n)` }),
    ...(params.length === 0
      ? {}
      : { params: Object.fromEntries(params.map((value, index) => [String(index + 1), value])) }),
    ...(orderBy === null ? {} : { order_by: orderBy }),
    ...(limit === null ? {} : { limit }),
    ...(offset === null ? {} : { offset }),
  });
}

/** A name as a request says it, which is read by Postgres's rules. */
function quoted(name: string): string {
  return PLAIN_NAME.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
