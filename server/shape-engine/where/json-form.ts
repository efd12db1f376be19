import { formatNumeric, parseNumeric } from './decimal.ts';

/** A string or a number; what else there is in JSON stays as it is. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
/** Of constants; nobody means deeper ones. */
const MAX_DEPTH = 64;
/** Digits of a number in a constant. */
const MAX_NUMBER_LENGTH = 1_000;

/**
 * The form in which equal `jsonb` values have equal texts, of a text that Postgres printed: its keys are sorted
 * and unique already, so that only 1 and 1.0 are left to be one.
 */
export function normalJson(printed: string): string {
  return printed.replace(TOKEN, (token) => (token.startsWith('"') ? token : shortNumber(token)));
}

/** The same of a constant, which may be written in any way; undefined where it is no `jsonb` value. */
export function canonicalJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    // Numbers as strings keep all their digits; what is marked tells the two apart again.
    const marked = text.replace(TOKEN, (token) =>
      token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`,
    );
    return printed(JSON.parse(marked), 0);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function printed(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new SyntaxError('too deep');
  if (typeof value === 'string')
    return value.startsWith('n') ? number(value.slice(1)) : string(value.slice(1));
  if (Array.isArray(value)) return `[${value.map((each) => printed(each, depth + 1)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, each]) => [key.slice(1), each as unknown] as const);
  const parts = entries
    .sort(([a], [b]) => compareKeys(Buffer.from(a), Buffer.from(b)))
    .map(([key, each]) => `${string(key)}: ${printed(each, depth + 1)}`);
  return `{${parts.join(', ')}}`;
}

/** Shorter keys come first. */
function compareKeys(a: Buffer, b: Buffer): number {
  return a.length - b.length || Buffer.compare(a, b);
}

function string(text: string): string {
  if (text.includes('\0') || /\p{Cs}/u.test(text)) throw new SyntaxError('not a text of Postgres');
  return JSON.stringify(text);
}

function number(text: string): string {
  const value = parseNumeric(text);
  const plain = value === undefined ? '' : shortNumber(formatNumeric(value));
  if (plain === '' || plain.length > MAX_NUMBER_LENGTH) throw new SyntaxError('not a number of Postgres');
  return plain;
}

/** Without zeros that mean nothing. */
function shortNumber(text: string): string {
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return short === '-0' ? '0' : short;
}
