import type { Expression, Operation } from './condition.ts';
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
  if (ignoreCase) requireAsciiCase(type, position);
  const negated = word.startsWith('NOT');
  const prepare = ignoreCase ? lowerAscii : (text: string) => text;
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
  requireAsciiCase(type, position);
  const change = which === 'lower' ? lowerAscii : upperAscii;
  return callOf(
    { sql: (text = '') => `${which}(${text})`, evaluate: (text) => change(text as string) },
    [arg],
    type,
  );
}

/** `a || b` of two texts. */
export const CONCATENATE: Operation = {
  sql: (a = '', b = '') => `${a} || ${b}`,
  evaluate: (a, b) => (a as string) + (b as string),
};

/** Other letters have upper and lower cases that depend on the collation's provider and its version. */
function requireAsciiCase(type: ScalarType, position: number | null): void {
  if (type.collation?.asciiCase === true) return;
  throw unsupported('Upper and lower case are exact only in the "C" collation.', position);
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
