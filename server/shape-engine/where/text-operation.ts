import type { Expression, Operation } from './condition.ts';
import type { Casing } from './casing.ts';
import { isLike } from './like.ts';
import { BOOLEAN } from './scalar-type.ts';
import type { ScalarType } from './scalar-type.ts';
import { callOf } from './term.ts';
import { unsupported } from './where-error.ts';

/** Names of LIKE, ILIKE and their negations as operators. */
const PATTERNS: Readonly<Record<string, { readonly word: string; readonly ignoreCase: boolean }>> = {
  '~~': { word: 'LIKE', ignoreCase: false },
  '!~~': { word: 'NOT LIKE', ignoreCase: false },
  '~~*': { word: 'ILIKE', ignoreCase: true },
  '!~~*': { word: 'NOT ILIKE', ignoreCase: true },
};

/** Whether an operator matches a text with a pattern. */
export function isPatternOperator(operator: string): boolean {
  return Object.hasOwn(PATTERNS, operator);
}

/** LIKE, ILIKE or a negation of two texts whose common type is `type`. */
export function matches(
  operator: string,
  type: ScalarType,
  args: readonly [Expression, Expression],
  position: number | null,
): Expression {
  const { word, ignoreCase } = PATTERNS[operator]!;
  const casing = ignoreCase ? requireCasing(type, position) : null;
  const negated = word.startsWith('NOT');
  const prepare = (text: string) => (casing === null ? text : casing.lower(text));
  const operation: Operation = {
    sql: (text = '', pattern = '') => `${text} ${word} ${pattern}`,
    evaluate: (text, pattern) => isLike(prepare(text as string), prepare(pattern as string)) !== negated,
  };
  return callOf(operation, args, BOOLEAN);
}

/** lower(…) or upper(…). */
export function changeCase(
  which: 'lower' | 'upper',
  type: ScalarType,
  arg: Expression,
  position: number | null,
): Expression {
  const casing = requireCasing(type, position);
  return callOf(
    { sql: (text = '') => `${which}(${text})`, evaluate: (text) => casing[which](text as string) },
    [arg],
    type,
  );
}

/** `a || b` of two texts. */
export const CONCATENATE: Operation = {
  sql: (a = '', b = '') => `${a} || ${b}`,
  evaluate: (a, b) => (a as string) + (b as string),
};

/** Collations of ICU change case by what stands around a letter, and by ICU's version. */
function requireCasing(type: ScalarType, position: number | null): Casing {
  const casing = type.collation?.casing;
  if (casing) return casing;
  throw unsupported('Upper and lower case are not exact under this collation.', position);
}
