import { compareNumerics, digitsOf, power, rounded, scaled } from './decimal.ts';
import type { Decimal, Numeric } from './decimal.ts';
import { EvaluationError } from './evaluation-error.ts';

/** Postgres keeps numerics in digits of base 10,000. */
const DIGIT_WIDTH = 4;
/** Digits of a quotient that count, at least. */
const SIGNIFICANT_DIGITS = 16;
const MAX_QUOTIENT_SCALE = 1000;
const ZERO: Decimal = { coefficient: 0n, scale: 0 };

/** Quotient, with as many digits as Postgres keeps. */
export function divideNumerics(a: Numeric, b: Numeric): Numeric {
  const special = specialQuotient(a, b);
  if (special !== undefined) return special;
  const [x, y] = [a as Decimal, b as Decimal];
  const scale = quotientScale(x, y);
  // One digit more than wanted, cut off and not rounded: the last rounding looks at no other.
  const shift = scale + 1 - x.scale + y.scale;
  const [top, bottom] =
    shift >= 0
      ? [x.coefficient * power(shift), y.coefficient]
      : [x.coefficient, y.coefficient * power(-shift)];
  return rounded({ coefficient: top / bottom, scale: scale + 1 }, scale);
}

/** What is left of `a` when as many whole `b` as it holds are taken away; it has the sign of `a`. */
export function remainderNumerics(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' || typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return NaN;
    if (typeof b !== 'number') return isZero(b) ? divisionByZero() : NaN;
    return typeof a === 'number' ? NaN : a;
  }
  if (isZero(b)) return divisionByZero();
  const scale = Math.max(a.scale, b.scale);
  return { coefficient: scaled(a, scale) % scaled(b, scale), scale };
}

function specialQuotient(a: Numeric, b: Numeric): Numeric | undefined {
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN;
  if (typeof b !== 'number' && isZero(b)) return divisionByZero();
  if (typeof a === 'number') {
    if (typeof b === 'number') return NaN;
    return compareNumerics(b, ZERO) < 0 ? -a : a;
  }
  return typeof b === 'number' ? ZERO : undefined;
}

/**
 * At least sixteen digits that count, by an estimate from the first digit of each operand, and at least as many
 * behind the point as either has. Source: `select_div_scale` in Postgres's numeric.c.
 */
function quotientScale(a: Decimal, b: Decimal): number {
  const [first, second] = [leadOf(a), leadOf(b)];
  const weight = first.weight - second.weight - (first.digit <= second.digit ? 1 : 0);
  const wanted = SIGNIFICANT_DIGITS - weight * DIGIT_WIDTH;
  return Math.min(MAX_QUOTIENT_SCALE, Math.max(wanted, a.scale, b.scale, 0));
}

/** The first digit of base 10,000 that is not zero, and its place before (from 0) or behind the point. */
function leadOf({ coefficient, scale }: Decimal): { weight: number; digit: number } {
  if (coefficient === 0n) return { weight: 0, digit: 0 };
  const digits = digitsOf(coefficient);
  const place = digits.length - 1 - scale;
  const weight = Math.floor(place / DIGIT_WIDTH);
  const width = place - weight * DIGIT_WIDTH + 1;
  return { weight, digit: Number(digits.slice(0, width).padEnd(width, '0')) };
}

function isZero({ coefficient }: Decimal): boolean {
  return coefficient === 0n;
}

function divisionByZero(): never {
  throw new EvaluationError('division by zero');
}
