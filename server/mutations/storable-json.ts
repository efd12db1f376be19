import { isStorableText, storableText } from '../platform/storable-text.ts';

/** Deepest nesting of arguments that is kept; no mutation needs a tenth of it. */
export const MAX_ARGS_DEPTH = 32;

/** A value that Postgres can store as jsonb, and the path of the first thing that had to be changed for it. */
export interface StorableJson {
  readonly value: unknown;
  readonly fault: { readonly path: string; readonly reason: string } | undefined;
}

const UNSTORABLE_TEXT = 'Text must be valid Unicode without the character NUL.';
const TOO_DEEP = `Nested deeper than ${MAX_ARGS_DEPTH} levels.`;

/**
 * Makes any parsed JSON fit for jsonb, which takes neither NUL nor half a surrogate pair: such characters
 * become U+FFFD, and what is nested too deeply becomes null. Without this, a mutation with such arguments
 * could never be written to the ledger, and would stand in its device's queue for ever.
 */
export function storableJson(input: unknown): StorableJson {
  if (isStorable(input, 0)) return { value: input ?? null, fault: undefined };
  let fault: StorableJson['fault'];
  const note = (path: readonly string[], reason: string) => {
    fault ??= { path: storableText(path.join('.')), reason };
  };
  const visit = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === 'string') {
      const stored = storableText(value);
      if (stored !== value) note(path, UNSTORABLE_TEXT);
      return stored;
    }
    if (typeof value !== 'object' || value === null) return value ?? null;
    if (path.length >= MAX_ARGS_DEPTH) {
      note(path, TOO_DEEP);
      return null;
    }
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, String(index)]));
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
      const stored = storableText(key);
      if (stored !== key) note([...path, key], UNSTORABLE_TEXT);
      return [stored, visit(item, [...path, key])];
    });
    return Object.fromEntries(entries);
  };
  return { value: visit(input, []), fault };
}

/** Whether nothing has to be changed, as is the case of nearly all. */
function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_ARGS_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depth + 1));
  return Object.entries(value).every(([key, item]) => isStorableText(key) && isStorable(item, depth + 1));
}
