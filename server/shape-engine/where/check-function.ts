import { arrayFunction } from './array-operation.ts';
import { measure } from './check-array.ts';
import type { Expression } from './condition.ts';
import { justifyDays, justifyHours, justifyInterval } from './interval.ts';
import type { Interval } from './interval.ts';
import { withBackslashes } from './like.ts';
import { nodeAt } from './parse-where.ts';
import type { ParseNode } from './parse-where.ts';
import { castTo } from './cast.ts';
import { typeOfAll } from './unify.ts';
import { callOf, typeOf, withType } from './term.ts';
import { INTERVAL, TEXT, TIMESTAMP, TIMESTAMPTZ, isMoment, textType } from './scalar-type.ts';
import type { Term } from './term.ts';
import { changeCase } from './text-operation.ts';
import type { Value } from './value.ts';
import { unsupported } from './where-error.ts';

/** A call of a function by its name, on arguments that are checked. */
export function callFunction(node: ParseNode, args: readonly Term[], position: number | null): Expression {
  const names = Array.isArray(node['funcname']) ? node['funcname'] : [];
  const parts = names.map((each) => String(nodeAt(each, 'String')?.['sval']));
  const name = parts.length === 2 && parts[0] === 'pg_catalog' ? parts[1] : parts.join('.');
  if (node['agg_star'] === true) {
    throw unsupported('aggregation is not supported in this context', position);
  }
  const plain = Object.keys(node).every((key) => PLAIN_CALL.has(key));
  const found = plain ? (FUNCTIONS[`${name}/${args.length}`]?.(args, position) ?? undefined) : undefined;
  if (found !== undefined) return found;
  throw unsupported(`unknown or unsupported function ${name}/${args.length}`, position);
}

/** DISTINCT, FILTER, OVER and the like add other keys. */
const PLAIN_CALL = new Set(['funcname', 'args', 'funcformat', 'location']);

type Builder = (args: readonly Term[], position: number | null) => Expression | undefined;

const FUNCTIONS: Readonly<Record<string, Builder>> = {
  'lower/1': (args, position) => caseOf('lower', args, position),
  'upper/1': (args, position) => caseOf('upper', args, position),
  'cardinality/1': (args) => measure('cardinality', args),
  'array_ndims/1': (args) => measure('array_ndims', args),
  'array_length/2': (args) => measure('array_length', args),
  'array_cat/2': (args, position) => arrayFunction('array_cat', args, position),
  'array_append/2': (args, position) => arrayFunction('array_append', args, position),
  'array_prepend/2': (args, position) => arrayFunction('array_prepend', args, position),
  'justify_hours/1': (args) => justify('justify_hours', justifyHours, args),
  'justify_days/1': (args) => justify('justify_days', justifyDays, args),
  'justify_interval/1': (args) => justify('justify_interval', justifyInterval, args),
  'timezone/2': ([zone, time]) => inZone(zone!, time!),
  'like_escape/2': ([pattern, escape]) => escapedPattern(pattern!, escape!),
};

function justify(name: string, of: (interval: Interval) => Interval, [arg]: readonly Term[]) {
  const interval = withType(arg!, INTERVAL);
  if (typeOf(interval).family !== 'interval') return undefined;
  return callOf(
    { sql: (a = '') => `${name}(${a})`, evaluate: (a) => of(a as Interval) },
    [interval],
    INTERVAL,
  );
}

/** `time AT TIME ZONE 'UTC'`; what other zones are changes with the machine's tables. */
function inZone(zone: Term, time: Term): Expression | undefined {
  if (zone.kind !== 'untyped' || time.kind !== 'typed') return undefined;
  const type = typeOf(time.expression);
  const from = type.family === 'date' ? TIMESTAMPTZ : type;
  if (!isMoment(from) || (zone.text !== null && zone.text.toUpperCase() !== 'UTC')) return undefined;
  const to = from.family === 'timestamptz' ? TIMESTAMP : TIMESTAMPTZ;
  if (zone.text === null) return withType({ ...zone, text: null }, to);
  const operation = { sql: (a = '') => `timezone('UTC', ${a})`, evaluate: (a: Value) => a };
  return callOf(operation, [castTo(time.expression, from)!], to);
}

function caseOf(which: 'lower' | 'upper', args: readonly Term[], position: number | null) {
  const { collation } = typeOfAll(args, position);
  if (collation === undefined) return undefined;
  const type = textType(collation);
  return changeCase(which, type, castTo(withType(args[0]!, type), type)!, position);
}

/** `'pattern' ESCAPE 'character'`, of constants only: it becomes a pattern with backslashes. */
function escapedPattern(pattern: Term, escape: Term): Expression | undefined {
  if (pattern.kind !== 'untyped' || escape.kind !== 'untyped') return undefined;
  if (pattern.text === null || escape.text === null) return withType({ ...pattern, text: null }, TEXT);
  if ([...escape.text].length > 1) return undefined;
  return withType({ ...pattern, text: withBackslashes(pattern.text, escape.text) }, TEXT);
}
