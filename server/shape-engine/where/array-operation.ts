import type { Expression, Operation } from './condition.ts';
import { EvaluationError } from './evaluation-error.ts';
import { INT4, arrayType } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { callOf, typeOf, withType } from './term.ts';
import type { Term } from './term.ts';
import { commonType, implicitly, noOverload, typeOfAll } from './unify.ts';
import type { ArrayValue, Value } from './value.ts';

type Join = (a: Value | null, b: Value | null) => Value | null;

/** `a || b` where one of them is an array: two arrays, or an array and an item of it before or behind. */
export function joinArrays(left: Term, right: Term, position: number | null): Expression {
  const sql = (a = '', b = '') => `${a} || ${b}`;
  const [a, b] = [isArray(left), isArray(right)];
  // What has no type of its own is taken for an array, and not for an item.
  if ((a || left.kind === 'untyped') && (b || right.kind === 'untyped')) {
    return joined(sql, left, right, position, concatenate);
  }
  return a ? append(sql, left, right, position) : prepend(sql, left, right, position);
}

/** array_cat, array_append or array_prepend. */
export function arrayFunction(name: string, args: readonly Term[], position: number | null): Expression {
  const [left, right] = args;
  const sql = (a = '', b = '') => `${name}(${a}, ${b})`;
  if (name === 'array_cat') return joined(sql, left!, right!, position, concatenate);
  return name === 'array_append'
    ? append(sql, left!, right!, position)
    : prepend(sql, left!, right!, position);
}

function isArray(term: Term): boolean {
  return term.kind === 'typed' && typeOf(term.expression).family === 'array';
}

/** NULL is an empty array here, and a NULL item an item. */
function operationOf(sql: Operation['sql'], evaluate: Join): Operation {
  return { sql, evaluate: () => null, evaluateNulls: ([a, b]) => evaluate(a ?? null, b ?? null) };
}

function joined(
  sql: Operation['sql'],
  left: Term,
  right: Term,
  position: number | null,
  evaluate: (a: ArrayValue, b: ArrayValue) => ArrayValue,
): Expression {
  const type = typeOfAll([left, right], position);
  if (type.family !== 'array') throw noOverload(position);
  const args = [implicitly(left, type), implicitly(right, type)];
  const join: Join = (a, b) =>
    a === null || b === null ? (a ?? b) : evaluate(a as ArrayValue, b as ArrayValue);
  return { kind: 'operation', operation: operationOf(sql, join), args, type };
}

function append(sql: Operation['sql'], array: Term, item: Term, position: number | null): Expression {
  const { type, element } = elementOf(array, item, position);
  const args = [implicitly(array, type), implicitly(item, element)];
  const join: Join = (list, value) => extended(list as ArrayValue | null, (items) => [...items, value]);
  return { kind: 'operation', operation: operationOf(sql, join), args, type };
}

function prepend(sql: Operation['sql'], item: Term, array: Term, position: number | null): Expression {
  const { type, element } = elementOf(array, item, position);
  const args = [implicitly(item, element), implicitly(array, type)];
  const join: Join = (value, list) => extended(list as ArrayValue | null, (items) => [value, ...items]);
  return { kind: 'operation', operation: operationOf(sql, join), args, type };
}

/** The array's own type; an item of another one would make another array of it. */
function elementOf(
  array: Term,
  item: Term,
  position: number | null,
): { type: ScalarType; element: ScalarType } {
  const type = array.kind === 'typed' ? typeOf(array.expression) : undefined;
  const element = type?.element;
  if (type === undefined || element === undefined) throw noOverload(position);
  const own = item.kind === 'typed' ? typeOf(item.expression) : element;
  const common = commonType(own, element);
  if (common?.sqlName !== element.sqlName) throw noOverload(position);
  // Of texts, the collation may be the item's.
  return { type: arrayType(common), element: common };
}

/** An array with one item more, which begins where it began. */
function extended(
  array: ArrayValue | null,
  more: (items: ArrayValue['items']) => ArrayValue['items'],
): ArrayValue {
  const { items, lengths, starts } = array ?? { items: [], lengths: [], starts: [] };
  if (lengths.length > 1) throw new EvaluationError('argument must be empty or one-dimensional array');
  const all = more(items);
  return { items: all, lengths: [all.length], starts: lengths.length === 0 ? [1] : starts };
}

/** Arrays of as many dimensions end to end; one of a dimension fewer is an item of the other. */
function concatenate(a: ArrayValue, b: ArrayValue): ArrayValue {
  if (a.lengths.length === 0) return b;
  if (b.lengths.length === 0) return a;
  const items = [...a.items, ...b.items];
  const deeper = a.lengths.length >= b.lengths.length ? a : b;
  const other = deeper === a ? b : a;
  const difference = deeper.lengths.length - other.lengths.length;
  const matches = (of: (array: ArrayValue) => readonly number[]) =>
    of(deeper)
      .slice(1)
      .every((each, i) => each === of(other)[i + 1 - difference]);
  if (difference > 1 || !matches(({ lengths }) => lengths) || !matches(({ starts }) => starts)) {
    throw new EvaluationError('cannot concatenate incompatible arrays');
  }
  const first = deeper.lengths[0]! + (difference === 0 ? other.lengths[0]! : 1);
  return { items, lengths: [first, ...deeper.lengths.slice(1)], starts: deeper.starts };
}

/** `array[from:to]`, either of them open: the part of the first dimension, of whose indexes the first is 1. */
export function slice(array: Term, from: Term | null, to: Term | null, position: number | null): Expression {
  const type = array.kind === 'typed' ? typeOf(array.expression) : undefined;
  if (array.kind !== 'typed' || type?.family !== 'array') throw noOverload(position);
  const bounds = [from, to].flatMap((each) => (each === null ? [] : [withType(each, INT4)]));
  if (bounds.some((each) => commonType(typeOf(each), INT4) !== INT4)) throw noOverload(position);
  const operation: Operation = {
    sql: (whole = '', ...given) => {
      const low = from === null ? '' : given[0];
      const high = to === null ? '' : given.at(-1);
      return `(${whole})[${low}:${high}]`;
    },
    evaluate: (whole, ...given) => {
      const low = from === null ? -Infinity : (given[0] as number);
      const high = to === null ? Infinity : (given.at(-1) as number);
      return part(whole as ArrayValue, low, high);
    },
  };
  return callOf(operation, [array.expression, ...bounds], type);
}

function part(array: ArrayValue, low: number, high: number): ArrayValue {
  const [length = 0, ...inner] = array.lengths;
  const start = array.starts[0] ?? 1;
  const first = Math.max(low, start);
  const last = Math.min(high, start + length - 1);
  if (length === 0 || first > last) return { items: [], lengths: [], starts: [] };
  const width = array.items.length / length;
  const items = array.items.slice((first - start) * width, (last - start + 1) * width);
  const lengths = [last - first + 1, ...inner];
  return { items, lengths, starts: lengths.map(() => 1) };
}
