import type { Decimal } from './decimal.ts';
import type { Interval } from './interval.ts';

/**
 * A value of an expression, NULL apart. Integers of 64 bits are bigints and shorter ones numbers; a numeric is
 * a `Decimal`, or NaN or an infinity as numbers; dates and times are microseconds as bigints; an enumeration's label is
 * its place among the labels; texts, bytes (in hexadecimal), JSON in its normal form and uuids
 * are strings.
 */
export type Value = string | number | bigint | boolean | Decimal | Interval | ArrayValue;

/** An array of Postgres: its items in order, and the length and first index of each dimension. */
export interface ArrayValue {
  readonly items: readonly (Value | null)[];
  readonly lengths: readonly number[];
  readonly starts: readonly number[];
}
