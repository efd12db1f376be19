import { EvaluationError } from './evaluation-error.ts';

/** A finite numeric: `coefficient` × 10^-`scale`, `scale` digits being shown after the point. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly scale: number;
}

/** A numeric: finite, or NaN or an infinity. */
export type Numeric = Decimal | number;

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,6}))?$/i;
/** What Postgres's numeric can hold. */
const MAX_WHOLE_DIGITS = 131_072;
const MAX_SCALE = 16_383;
const CERTAINLY_SHORT = 10n ** 1000n;

/** Reads a number written in decimal; undefined when the text is none, or too long for Postgres. */
export function parseNumeric(text: string): Numeric | undefined {
  const lower = text.toLowerCase();
  if (lower === 'nan') return NaN;
  if (/^[+-]?inf(inity)?$/.test(lower)) return lower.startsWith('-') ? -Infinity : Infinity;
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const shift = fraction.length - Number(exponent);
  if (shift > MAX_SCALE || whole.length + Number(exponent) > MAX_WHOLE_DIGITS) return undefined;
  const digits = BigInt(whole + fraction) * (shift < 0 ? power(-shift) : 1n);
  return { coefficient: sign === '-' ? -digits : digits, scale: Math.max(0, shift) };
}

/** The text that Postgres prints. */
export function formatNumeric(value: Numeric): string {
  if (typeof value === 'number') return String(value);
  const digits = digitsOf(value.coefficient);
  const sign = value.coefficient < 0n ? '-' : '';
  if (value.scale === 0) return sign + digits;
  const padded = digits.padStart(value.scale + 1, '0');
  return `${sign}${padded.slice(0, -value.scale)}.${padded.slice(-value.scale)}`;
}

/** An integer as a numeric. */
export function decimalOf(value: number | bigint): Decimal {
  return { coefficient: BigInt(value), scale: 0 };
}

/** Negative, zero or positive; NaN is equal to itself and greater than every other number. */
export function compareNumerics(a: Numeric, b: Numeric): number {
  if (typeof a === 'number') return typeof b === 'number' ? compareSpecial(a, b) : a === -Infinity ? -1 : 1;
  if (typeof b === 'number') return -compareNumerics(b, a);
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

function compareSpecial(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** Sum, with the longer of both scales. */
export function addNumerics(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' || typeof b === 'number') return special(a) + special(b);
  const [x, y] = aligned(a, b);
  return bounded({ coefficient: x + y, scale: Math.max(a.scale, b.scale) });
}

/** The number with its sign turned. */
export function negateNumeric(value: Numeric): Numeric {
  return typeof value === 'number' ? -value : { coefficient: -value.coefficient, scale: value.scale };
}

/** Product, with the sum of both scales. */
export function multiplyNumerics(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' || typeof b === 'number') return special(a) * special(b);
  return bounded({ coefficient: a.coefficient * b.coefficient, scale: a.scale + b.scale });
}

/** For sums and products in which one side is not finite, a finite number counts by its sign. */
function special(value: Numeric): number {
  if (typeof value === 'number') return value;
  return value.coefficient === 0n ? 0 : value.coefficient < 0n ? -1 : 1;
}

function bounded(value: Decimal): Decimal {
  const { coefficient, scale } = value.scale > MAX_SCALE ? rounded(value, MAX_SCALE) : value;
  // Digits are counted only where there may be too many.
  const long = coefficient > CERTAINLY_SHORT || coefficient < -CERTAINLY_SHORT;
  const digits = long ? digitsOf(coefficient).length : 0;
  if (digits - scale > MAX_WHOLE_DIGITS) {
    throw new EvaluationError('value overflows numeric format');
  }
  return { coefficient, scale };
}

/** Rounded half away from zero. */
export function rounded(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return value;
  const unit = power(value.scale - scale);
  const half = value.coefficient < 0n ? -unit / 2n : unit / 2n;
  return { coefficient: (value.coefficient + half) / unit, scale };
}

function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint] {
  if (a.scale === b.scale) return [a.coefficient, b.coefficient];
  const scale = Math.max(a.scale, b.scale);
  return [scaled(a, scale), scaled(b, scale)];
}

/** A coefficient's digits, without its sign. */
export function digitsOf(coefficient: bigint): string {
  return String(coefficient < 0n ? -coefficient : coefficient);
}

/** The coefficient of the same number with `scale` digits after the point, no fewer than it has. */
export function scaled(value: Decimal, scale: number): bigint {
  return value.coefficient * power(scale - value.scale);
}

/** 10 to the `exponent`. */
export function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
