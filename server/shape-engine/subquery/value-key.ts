import type { Value } from '../where/value.ts';

/**
 * A text that two values of comparable types share exactly when Postgres calls them equal: 1.0 and 1.00 are one
 * numeric, and 0 and -0 one float.
 */
export function valueKey(value: Value): string {
  if (typeof value === 'number') return value === 0 ? '0' : String(value);
  if (typeof value !== 'object') return String(value);
  if (!('coefficient' in value)) throw new TypeError('values of this type have no key');
  let { coefficient, scale } = value;
  while (scale > 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    scale -= 1;
  }
  return scale === 0 ? String(coefficient) : `${coefficient}e-${scale}`;
}

/** The key of a row of values; null where one of them is NULL, so that the row is equal to nothing. */
export function rowKey(values: readonly (Value | null)[]): string | null {
  const keys: string[] = [];
  for (const value of values) {
    if (value === null) return null;
    keys.push(valueKey(value));
  }
  return keys.length === 1 ? keys[0]! : JSON.stringify(keys);
}
