import type { Decimal } from './decimal.ts';

/**
 * A value of an expression, NULL apart. Integers of 64 bits are bigints and shorter ones numbers; a numeric is
 * a `Decimal`, or NaN or an infinity as numbers; dates and times are microseconds as bigints; texts, labels and
 * uuids are strings.
 */
export type Value = string | number | bigint | boolean | Decimal;
