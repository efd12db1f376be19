import { EvaluationError } from './evaluation-error.ts';

/** What matching came to: `exhausted` means that no later beginning in the text can match either. */
type Outcome = 'match' | 'differs' | 'exhausted';

/**
 * Whether `text` matches `pattern` as LIKE says: % is any text, _ any one character, and a backslash takes
 * what follows as it is. It looks at a pattern from left to right as Postgres does, since a pattern that ends
 * in a lone backslash is an error only when it is reached.
 */
export function isLike(text: string, pattern: string): boolean {
  return match(text, 0, pattern, 0) === 'match';
}

function match(text: string, from: number, pattern: string, start: number): Outcome {
  let t = from;
  let p = start;
  while (t < text.length && p < pattern.length) {
    const symbol = pattern[p];
    if (symbol === '%') return matchAfterPercent(text, t, pattern, p + 1);
    if (symbol === '_') {
      t += widthAt(text, t);
      p += 1;
      continue;
    }
    if (symbol === '\\') p = escaped(pattern, p);
    if (text[t] !== pattern[p]) return 'differs';
    t += 1;
    p += 1;
  }
  if (t < text.length) return 'differs';
  while (pattern[p] === '%') p += 1;
  return p >= pattern.length ? 'match' : 'exhausted';
}

/** What follows a % may begin at any later character. */
function matchAfterPercent(text: string, from: number, pattern: string, start: number): Outcome {
  let t = from;
  let p = start;
  for (; pattern[p] === '%' || pattern[p] === '_'; p += 1) {
    if (pattern[p] === '%') continue;
    if (t >= text.length) return 'exhausted';
    t += widthAt(text, t);
  }
  if (p >= pattern.length) return 'match';
  const first = pattern[pattern[p] === '\\' ? escaped(pattern, p) : p];
  for (; t < text.length; t += widthAt(text, t)) {
    if (text[t] !== first) continue;
    const outcome = match(text, t, pattern, p);
    if (outcome !== 'differs') return outcome;
  }
  return 'exhausted';
}

function escaped(pattern: string, backslash: number): number {
  if (backslash + 1 >= pattern.length) {
    throw new EvaluationError('LIKE pattern must not end with escape character');
  }
  return backslash + 1;
}

/** A character is a code point: two units for those beyond U+FFFF. */
function widthAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}

/** A pattern whose escape character is `escape`, or none, in the form that `isLike` reads. */
export function withBackslashes(pattern: string, escape: string): string {
  if (escape === '\\') return pattern;
  let result = '';
  let literal = false;
  for (const character of pattern) {
    if (character === escape && !literal) {
      result += '\\';
      literal = true;
      continue;
    }
    result += character === '\\' && !literal ? '\\\\' : character;
    literal = false;
  }
  return result;
}
