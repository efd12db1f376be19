import type { SubsetQuery } from '../shape-engine/shape-engine.ts';

/** Faults by field, in the words of Electric's 400 answers, where they stand under `subset`. */
export type SubsetErrors = Readonly<Record<string, readonly string[]>>;

export type SubsetVerdict =
  | { readonly ok: true; readonly subset: Omit<SubsetQuery, 'columns'> }
  | { readonly ok: false; readonly errors: SubsetErrors };

/** Parameters of a subset in a query begin with this; in a body they stand without it. */
const PREFIX = 'subset__';
const FIELDS = ['where', 'params', 'limit', 'offset', 'order_by'] as const;
const MAX_PARAMS = 1_000;

/** A subset's fields as they were sent. */
export type SubsetFields = Readonly<Partial<Record<(typeof FIELDS)[number], unknown>>>;

/** Whether a query parameter belongs to a subset. */
export function isOfSubset(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The subset's fields in a JSON body, alone or under `subset`. */
export function subsetOfBody(body: Readonly<Record<string, unknown>>): SubsetFields {
  const { subset } = body;
  const from = typeof subset === 'object' && subset !== null ? (subset as Record<string, unknown>) : body;
  return Object.fromEntries(FIELDS.filter((name) => from[name] != null).map((name) => [name, from[name]]));
}

/** Reads a subset from the query and the body, of which the body counts first; undefined where none is asked for. */
export function readSubset(
  given: ReadonlyMap<string, string>,
  body: SubsetFields = {},
): SubsetVerdict | undefined {
  const fields: SubsetFields = { ...subsetOfQuery(given), ...body };
  if (Object.keys(fields).length === 0) return undefined;
  const limit = wholeNumber(fields.limit);
  const offset = wholeNumber(fields.offset);
  if (limit === undefined) return fault('limit', 'is invalid');
  if (limit !== null && limit < 1) return fault('limit', 'must be greater than 0');
  if (offset === undefined) return fault('offset', 'is invalid');
  if (offset !== null && offset < 0) return fault('offset', 'must be greater than or equal to 0');
  const where = text(fields.where);
  if (where === undefined) return fault('where', 'is invalid');
  const orderBy = text(fields.order_by);
  if (orderBy === undefined) return fault('order_by', 'is invalid');
  if (orderBy === null && (limit !== null || offset !== null)) {
    return fault('order_by', 'order_by is required when limit or offset is present');
  }
  const params = numbered(fields.params);
  if (typeof params === 'string') return fault('params', params);
  return { ok: true, subset: { where, params, orderBy, limit, offset } };
}

function subsetOfQuery(given: ReadonlyMap<string, string>): SubsetFields {
  const fields: Record<string, unknown> = {};
  const params: Record<string, string> = {};
  for (const [name, value] of given) {
    const field = isOfSubset(name) ? name.slice(PREFIX.length) : '';
    const key = /^params\[(.*)\]$/s.exec(field)?.[1];
    if (key !== undefined) params[key] = value;
    else if (FIELDS.some((each) => each === field) && value !== '') fields[field] = value;
  }
  return Object.keys(params).length === 0 ? fields : { ...fields, params };
}

/** Values of $1, $2, … from an object, or its JSON, whose keys number them without a gap; a fault otherwise. */
function numbered(given: unknown): readonly string[] | string {
  if (given === undefined) return [];
  const params = typeof given === 'string' ? parsed(given) : given;
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return 'is invalid';
  const entries = Object.entries(params).toSorted(([a], [b]) => Number(a) - Number(b));
  if (entries.length > MAX_PARAMS || entries.some(([key], index) => key !== String(index + 1))) {
    return 'Parameters must be numbered sequentially, starting from 1';
  }
  const values = entries.map(([, value]: [string, unknown]) =>
    ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined,
  );
  return values.every((value) => value !== undefined) ? values : 'is invalid';
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/** Null where it is not given, undefined where it is no whole number. */
function wholeNumber(given: unknown): number | null | undefined {
  if (given === undefined) return null;
  if (typeof given !== 'string' && typeof given !== 'number') return undefined;
  return /^-?\d{1,15}$/.test(String(given)) ? Number(given) : undefined;
}

function text(given: unknown): string | null | undefined {
  if (given === undefined) return null;
  return typeof given === 'string' ? given : undefined;
}

function fault(field: (typeof FIELDS)[number], message: string): SubsetVerdict {
  return { ok: false, errors: { [field]: [message] } };
}
