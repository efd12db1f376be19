import { parseArray } from './array-text.ts';
import { withoutBlanks } from './constant.ts';
import { compareNumerics, parseNumeric } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import type { ComparisonOperator } from './condition.ts';
import { lengthOf, parseIsoInterval } from './interval.ts';
import type { Interval } from './interval.ts';
import type { ScalarType } from './scalar-type.ts';
import { parseMoment } from './timestamp.ts';
import type { MomentFamily } from './timestamp.ts';
import { normalJson } from './json-form.ts';
import { UnknownLabel } from './unknown-label.ts';
import type { ArrayValue, Value } from './value.ts';
import { parseZonedTime } from './zoned-time.ts';

const VERDICTS: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** What a comparison makes of the order of its sides. */
export function orderTest(operator: ComparisonOperator): (order: number) => boolean {
  return VERDICTS[operator];
}

/** Reads Postgres's text of a value of `type`. */
export function decoder(type: ScalarType): (text: string) => Value {
  switch (type.family) {
    case 'integer':
      return type.bits === 64 ? BigInt : Number;
    case 'float':
      return type.bits === 32 ? (text) => Math.fround(Number(text)) : Number;
    case 'numeric':
      return (text) => expectValue(parseNumeric(text));
    case 'timestamptz':
    case 'timestamp':
    case 'date':
    case 'time':
      return momentDecoder(type.family);
    case 'boolean':
      return (text) => text === 't';
    case 'text':
    case 'bytea':
    case 'uuid':
      // The text is the value; hexadecimal digits sort as their bytes do.
      return (text) => text;
    case 'bpchar':
      return withoutBlanks;
    case 'jsonb':
      return normalJson;
    case 'enum':
      return labelDecoder(type.labels!);
    case 'timetz':
      return (text) => expectValue(parseZonedTime(text));
    case 'interval':
      return (text) => expectValue(parseIsoInterval(text));
    case 'array':
      return arrayDecoder(decoder(type.element!));
    case 'opaque':
      // Known only to be there.
      return (text) => text;
  }
}

function momentDecoder(family: MomentFamily): (text: string) => bigint {
  return (text) => expectValue(parseMoment(family, text));
}

/** Labels are compared by their places. */
function labelDecoder(labels: readonly string[]): (text: string) => number {
  const places = new Map(labels.map((label, place) => [label, place]));
  return (text) => {
    const place = places.get(text);
    if (place === undefined) throw new UnknownLabel(text);
    return place;
  };
}

function arrayDecoder(decodeItem: (text: string) => Value): (text: string) => ArrayValue {
  return (text) => {
    const array = expectValue(parseArray(text));
    return { ...array, items: array.items.map((item) => (item === null ? null : decodeItem(item))) };
  };
}

function expectValue<V>(value: V | undefined): V {
  if (value === undefined) {
    throw new TypeError('a value is not in the form that the session options ask for');
  }
  return value;
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b` in Postgres's order. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'object' || typeof b === 'object') {
    if (typeof a === 'object' && 'items' in a) return compareArrays(a, b as ArrayValue);
    if (typeof a === 'object' && 'micros' in a) {
      const difference = lengthOf(a) - lengthOf(b as Interval);
      return difference < 0n ? -1 : Number(difference > 0n);
    }
    // Only numerics meet numerics.
    return compareNumerics(a as Decimal | number, b as Decimal | number);
  }
  if (a < b) return -1;
  if (a > b) return 1;
  // NaN is equal to itself and greater than every other number; -0 equals 0.
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** By the first items that differ, NULL being the greatest; then by length, dimensions and first indexes. */
function compareArrays(a: ArrayValue, b: ArrayValue): number {
  const common = Math.min(a.items.length, b.items.length);
  for (let i = 0; i < common; i += 1) {
    const [x, y] = [a.items[i] ?? null, b.items[i] ?? null];
    const order = x === null || y === null ? Number(x === null) - Number(y === null) : compareValues(x, y);
    if (order !== 0) return order;
  }
  if (a.items.length !== b.items.length) return a.items.length - b.items.length;
  if (a.lengths.length !== b.lengths.length) return a.lengths.length - b.lengths.length;
  return compareNumbers(a.lengths, b.lengths) || compareNumbers(a.starts, b.starts);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((each, i) => each !== b[i]);
  return differs < 0 ? 0 : a[differs]! - b[differs]!;
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
