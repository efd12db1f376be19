import type { ScalarType } from './scalar-type.ts';
import { parseTimestamp } from './timestamp.ts';

/** A value decoded for comparison. */
export type Comparable = string | number | bigint;

/** Reads Postgres's text of a value of `type` into a form that `compareValues` orders as Postgres does. */
export function decoder(type: ScalarType): (text: string) => Comparable {
  switch (type.family) {
    case 'integer':
      return type.bits === 64 ? BigInt : Number;
    case 'float':
      return Number;
    case 'timestamptz':
      return decodeTimestamp;
    case 'text':
    case 'uuid':
    case 'boolean':
    case 'enum':
      // The text is the value; 'f' < 't', and hexadecimal digits sort as their bytes do.
      return (text) => text;
  }
}

function decodeTimestamp(text: string): bigint {
  const micros = parseTimestamp(text);
  if (micros === undefined)
    throw new TypeError('a timestamptz is not in ISO form; check the session options');
  return micros;
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b` in Postgres's order. */
export function compareValues(a: Comparable, b: Comparable): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a < b) return -1;
  if (a > b) return 1;
  // NaN is equal to itself and greater than every other number; -0 equals 0.
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** Order of the "C" collation: by code point, which UTF-16 code units are not beyond U+FFFF. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every other one. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
