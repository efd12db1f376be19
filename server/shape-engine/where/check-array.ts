import { formatList, parseArray } from './array-text.ts';
import { compare, isComparison } from './check-comparison.ts';
import { binary } from './check-operator.ts';
import { compareValues, orderTest } from './compare.ts';
import type { Condition, Expression, Operation } from './condition.ts';
import { isLike } from './like.ts';
import { BOOLEAN, INT4, TEXT, arrayType } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { callOf, conditionOf, isNull, typeOf, typed, withType } from './term.ts';
import type { Term } from './term.ts';
import { commonType, implicitly, noOverload, typeOfAll, typeOfChoice } from './unify.ts';
import type { ArrayValue, Value } from './value.ts';

/** Items that a constant list may have to be compared one by one. */
const MAX_SPELT_OUT = 10_000;

/** ARRAY[…] of terms, of the type `element` where a cast says so. */
export function arrayOf(items: readonly Term[], element: ScalarType | null, position: number | null): Term {
  const type = element ?? (items.length === 0 ? undefined : typeOfChoice(items, position));
  if (type === undefined || type.family === 'array') throw noOverload(position);
  const parts = items.map((each) => implicitly(each, type));
  const texts = parts.map((each) => (each.kind === 'constant' ? each.text : undefined));
  const constant = texts.every((each) => each !== undefined);
  const array = arrayType(type);
  return typed(
    constant
      ? { kind: 'constant', type: array, text: formatList(texts) }
      : { kind: 'list', parts, type: array },
    position,
  );
}

/** `left operator ANY (array)`, or ALL. */
export function quantify(
  operator: string,
  quantifier: 'ANY' | 'ALL',
  left: Term,
  right: Term,
  position: number | null,
): Condition {
  const own = left.kind === 'typed' ? typeOf(left.expression) : undefined;
  const array = withType(right, arrayType(own ?? TEXT));
  const { element } = typeOf(array);
  if (element === undefined) throw noOverload(position);
  if (isNull(array)) return { kind: 'literal', value: null };
  const items = array.kind === 'constant' ? parseArray(array.text ?? '')?.items : undefined;
  if (items !== undefined && items.length <= MAX_SPELT_OUT) {
    const parts = items.map((text) =>
      conditionOf(
        typed(
          binary(operator, left, typed({ kind: 'constant', type: element, text }, position), position),
          position,
        ),
      ),
    );
    if (parts.length === 0) return { kind: 'literal', value: quantifier === 'ALL' };
    return parts.length === 1 ? parts[0]! : { kind: quantifier === 'ANY' ? 'or' : 'and', parts };
  }
  const type = commonType(own ?? element, element);
  if (type?.sqlName !== element.sqlName) throw noOverload(position);
  const test = itemTest(operator, left, element, position);
  return { kind: 'quantified', quantifier, operator, test, left: implicitly(left, element), array };
}

/** What the operator says of two values, neither of them NULL; refused where it is not allowed on them. */
function itemTest(operator: string, left: Term, element: ScalarType, position: number | null) {
  const item = typed({ kind: 'column', column: { name: '', type: element }, type: element }, position);
  if (isComparison(operator)) {
    compare(operator, left, item, position);
    const test = orderTest(operator);
    return (a: Value, b: Value) => test(compareValues(a, b));
  }
  if ((operator === '~~' || operator === '!~~') && element.family === 'text') {
    return (a: Value, b: Value) => isLike(a as string, b as string) === (operator === '~~');
  }
  throw noOverload(position);
}

const CONTAINMENT: Readonly<Record<string, (a: ArrayValue, b: ArrayValue) => boolean>> = {
  '@>': (a, b) => b.items.every((item) => has(a, item)),
  '<@': (a, b) => a.items.every((item) => has(b, item)),
  '&&': (a, b) => a.items.some((item) => has(b, item)),
};

/** NULL is in no array. */
function has(array: ArrayValue, item: Value | null): boolean {
  return item !== null && array.items.some((each) => each !== null && compareValues(each, item) === 0);
}

/** Whether an operator compares arrays as sets. */
export function isContainment(operator: string): boolean {
  return Object.hasOwn(CONTAINMENT, operator);
}

/** `a @> b`, `a <@ b`, `a && b`. */
export function contains(operator: string, left: Term, right: Term, position: number | null): Expression {
  const type = typeOfAll([left, right], position);
  if (type.family !== 'array') throw noOverload(position);
  const test = CONTAINMENT[operator]!;
  const operation: Operation = {
    sql: (a = '', b = '') => `${a} ${operator} ${b}`,
    evaluate: (a, b) => test(a as ArrayValue, b as ArrayValue),
  };
  return callOf(operation, [implicitly(left, type), implicitly(right, type)], BOOLEAN);
}

/** `array[index]`: NULL outside the array, and for arrays of other dimensions. */
export function subscript(array: Term, index: Term, position: number | null): Expression {
  const type = array.kind === 'typed' ? typeOf(array.expression) : undefined;
  const at = withType(index, INT4);
  if (array.kind !== 'typed' || type?.element === undefined || commonType(typeOf(at), INT4) !== INT4) {
    throw noOverload(position);
  }
  const operation: Operation = {
    sql: (a = '', i = '') => `(${a})[${i}]`,
    evaluate: (a, i) => {
      const { items, lengths, starts } = a as ArrayValue;
      return lengths.length === 1 ? (items[(i as number) - starts[0]!] ?? null) : null;
    },
  };
  return callOf(operation, [array.expression, at], type.element);
}

/** cardinality, array_ndims or array_length; undefined for arguments that they do not take. */
export function measure(name: string, args: readonly Term[]): Expression | undefined {
  const [array, dimension] = args;
  if (array?.kind !== 'typed' || typeOf(array.expression).family !== 'array') return undefined;
  const of = (evaluate: Operation['evaluate'], more: readonly Expression[] = []) =>
    callOf({ sql: (...each) => `${name}(${each.join(', ')})`, evaluate }, [array.expression, ...more], INT4);
  switch (name) {
    case 'cardinality':
      return of((a) => (a as ArrayValue).items.length);
    case 'array_ndims':
      return of((a) => (a as ArrayValue).lengths.length || null);
    case 'array_length': {
      const which = dimension === undefined ? undefined : withType(dimension, INT4);
      if (which === undefined || commonType(typeOf(which), INT4) !== INT4) return undefined;
      return of((a, n) => (a as ArrayValue).lengths[(n as number) - 1] ?? null, [which]);
    }
    default:
      return undefined;
  }
}
