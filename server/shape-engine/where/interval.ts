import { EvaluationError } from './evaluation-error.ts';
import { MICROS_PER_DAY } from './timestamp.ts';

/** A span of time as Postgres keeps it: months and days have no fixed length, the rest is microseconds. */
export interface Interval {
  readonly months: bigint;
  readonly days: bigint;
  readonly micros: bigint;
}

const ZERO: Interval = { months: 0n, days: 0n, micros: 0n };
const INT32 = 32;
const INT64 = 64;
const DAYS_PER_MONTH = 30n;
const MONTHS_PER_YEAR = 12n;
const MICROS_PER_SECOND = 1_000_000n;
const MICROS_PER_MINUTE = 60n * MICROS_PER_SECOND;
const MICROS_PER_HOUR = 60n * MICROS_PER_MINUTE;
/** How Postgres 17 and later keep the two infinite ones: as the ends of the fields' ranges. */
export const INTERVAL_INFINITE: Interval = {
  months: (1n << 31n) - 1n,
  days: (1n << 31n) - 1n,
  micros: (1n << 63n) - 1n,
};
export const INTERVAL_MINUS_INFINITE: Interval = {
  months: -(1n << 31n),
  days: -(1n << 31n),
  micros: -(1n << 63n),
};

const ISO =
  /^P(?:(-?\d{1,10})Y)?(?:(-?\d{1,10})M)?(?:(-?\d{1,10})W)?(?:(-?\d{1,10})D)?(?:T(?:(-?\d{1,19})H)?(?:(-?\d{1,19})M)?(?:(-?)(\d{1,19})(?:\.(\d{1,6}))?S)?)?$/;

/** Reads the ISO 8601 form, which is how Postgres prints an interval in every session of ours. */
export function parseIsoInterval(text: string): Interval | undefined {
  if (text === 'infinity') return INTERVAL_INFINITE;
  if (text === '-infinity') return INTERVAL_MINUS_INFINITE;
  const match = ISO.exec(text);
  if (match === null || /[PT]$/.test(text)) return undefined;
  const [, years, months, weeks, days, hours, minutes, sign, seconds, fraction] = match;
  const micros = secondsOf(sign === '-', seconds ?? '0', fraction ?? '');
  return held({
    months: integer(years) * MONTHS_PER_YEAR + integer(months),
    days: integer(weeks) * 7n + integer(days),
    micros: integer(hours) * MICROS_PER_HOUR + integer(minutes) * MICROS_PER_MINUTE + micros,
  });
}

/** The length of each unit, and which field it is; every unit may stand once. */
const UNITS: readonly (readonly [RegExp, string, Interval])[] = [
  [/^(y|yrs?|years?)$/, 'year', { ...ZERO, months: MONTHS_PER_YEAR }],
  [/^(mons?|months?)$/, 'month', { ...ZERO, months: 1n }],
  [/^(w|weeks?)$/, 'week', { ...ZERO, days: 7n }],
  [/^(d|days?)$/, 'day', { ...ZERO, days: 1n }],
  [/^(h|hrs?|hours?)$/, 'hour', { ...ZERO, micros: MICROS_PER_HOUR }],
  [/^(m|mins?|minutes?)$/, 'minute', { ...ZERO, micros: MICROS_PER_MINUTE }],
  [/^(s|secs?|seconds?)$/, 'second', { ...ZERO, micros: MICROS_PER_SECOND }],
];
const CLOCK_UNITS = ['hour', 'minute', 'second'];
const PART =
  /^\s*(?:([+-]?)(\d{1,9}):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?|([+-]?)(\d{1,10})(?:\.(\d{1,6}))?\s*([a-z]+))(?=\s|$)/i;

/**
 * Reads an interval as a clause may give it: in the ISO 8601 form, or as `1 year 2 mons -3 days 04:05:06.7`.
 * Parts of a unit are taken of seconds alone: of others Postgres makes lesser units by rules of its own.
 */
export function parseInterval(text: string): Interval | undefined {
  if (text.startsWith('P')) return parseIsoInterval(text);
  if (text === '0') return ZERO;
  const seen = new Set<string>();
  let sum = ZERO;
  let rest = text;
  while (rest.trim() !== '') {
    const match = PART.exec(rest);
    if (match === null) return undefined;
    rest = rest.slice(match[0].length);
    const part = match[9] === undefined ? clockOf(match) : quantityOf(match);
    if (part === undefined || part.units.some((unit) => seen.has(unit))) return undefined;
    part.units.forEach((unit) => seen.add(unit));
    sum = fieldwise(sum, part.interval, (a, b) => a + b);
  }
  return seen.size === 0 ? undefined : held(sum);
}

interface Part {
  readonly units: readonly string[];
  readonly interval: Interval;
}

function clockOf([, sign, hours, minutes, seconds = '0', fraction = '']: RegExpExecArray): Part | undefined {
  if (Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const length = integer(hours) * MICROS_PER_HOUR + integer(minutes) * MICROS_PER_MINUTE;
  const micros = length + secondsOf(false, seconds, fraction);
  return { units: CLOCK_UNITS, interval: { ...ZERO, micros: sign === '-' ? -micros : micros } };
}

function quantityOf(match: RegExpExecArray): Part | undefined {
  const [sign, whole = '0', fraction, word = ''] = match.slice(6);
  const unit = UNITS.find(([pattern]) => pattern.test(word.toLowerCase()));
  if (unit === undefined || (fraction !== undefined && unit[1] !== 'second')) return undefined;
  const count = (sign === '-' ? -1n : 1n) * BigInt(whole);
  const [, name, { months, days, micros }] = unit;
  const parts = fraction === undefined ? 0n : secondsOf(sign === '-', '0', fraction);
  return {
    units: [name],
    interval: { months: months * count, days: days * count, micros: micros * count + parts },
  };
}

function integer(text: string | undefined): bigint {
  return text === undefined ? 0n : BigInt(text);
}

function secondsOf(negative: boolean, whole: string, fraction: string): bigint {
  const micros = BigInt(whole) * MICROS_PER_SECOND + BigInt(fraction.padEnd(6, '0'));
  return negative ? -micros : micros;
}

function held(interval: Interval): Interval | undefined {
  return fits(interval) && !isInfiniteInterval(interval) ? interval : undefined;
}

/** The text that Postgres prints in a session of ours. */
export function formatInterval(interval: Interval): string {
  if (isInfiniteInterval(interval)) return interval.months > 0n ? 'infinity' : '-infinity';
  const { months, days, micros } = interval;
  const part = (count: bigint, unit: string) => (count === 0n ? '' : `${count}${unit}`);
  const date = part(months / MONTHS_PER_YEAR, 'Y') + part(months % MONTHS_PER_YEAR, 'M') + part(days, 'D');
  const rest = micros % MICROS_PER_MINUTE;
  const fraction = String(rest % MICROS_PER_SECOND)
    .replace('-', '')
    .padStart(6, '0')
    .replace(/0+$/, '');
  const seconds = `${rest < 0n ? '-' : ''}${String(rest / MICROS_PER_SECOND).replace('-', '')}`;
  const clock =
    part(micros / MICROS_PER_HOUR, 'H') +
    part((micros % MICROS_PER_HOUR) / MICROS_PER_MINUTE, 'M') +
    (rest === 0n ? '' : `${seconds}${fraction === '' ? '' : `.${fraction}`}S`);
  if (date === '' && clock === '') return 'PT0S';
  return `P${date}${clock === '' ? '' : `T${clock}`}`;
}

/** What intervals are compared by: a month counts as 30 days, a day as 24 hours. */
export function lengthOf({ months, days, micros }: Interval): bigint {
  return (months * DAYS_PER_MONTH + days) * MICROS_PER_DAY + micros;
}

/** Whether the interval is one of the two that have no end. */
export function isInfiniteInterval({ months, days, micros }: Interval): boolean {
  const end = months > 0n ? INTERVAL_INFINITE : INTERVAL_MINUS_INFINITE;
  return months === end.months && days === end.days && micros === end.micros;
}

/** Sum of two intervals, field by field. */
export function addIntervals(a: Interval, b: Interval): Interval {
  const [x, y] = [isInfiniteInterval(a), isInfiniteInterval(b)];
  if (x && y && a.months !== b.months) throw outOfRange();
  if (x || y) return x ? a : b;
  return checked(fieldwise(a, b, (p, q) => p + q));
}

/** `a - b`; not the sum with the opposite of `b`, which may be out of range by itself. */
export function subtractIntervals(a: Interval, b: Interval): Interval {
  const [x, y] = [isInfiniteInterval(a), isInfiniteInterval(b)];
  if (x && y && a.months === b.months) throw outOfRange();
  if (x) return a;
  if (y) return b.months > 0n ? INTERVAL_MINUS_INFINITE : INTERVAL_INFINITE;
  return checked(fieldwise(a, b, (p, q) => p - q));
}

/** The interval backwards. */
export function negateInterval(interval: Interval): Interval {
  if (isInfiniteInterval(interval)) {
    return interval.months > 0n ? INTERVAL_MINUS_INFINITE : INTERVAL_INFINITE;
  }
  return checked(fieldwise(ZERO, interval, (p, q) => p - q));
}

/**
 * The interval so many times, `factor` being a whole number. Postgres multiplies floats: exact for months and days,
 * while the result of the rest is rounded once.
 */
export function multiplyInterval(interval: Interval, factor: number): Interval {
  if (isInfiniteInterval(interval)) {
    if (factor === 0) throw outOfRange();
    return factor < 0 ? negateInterval(interval) : interval;
  }
  const times = (field: bigint) => BigInt(Number(field) * factor);
  const { months, days, micros } = interval;
  return checked({ months: times(months), days: times(days), micros: times(micros) });
}

/** A length of time in days and hours of the same sign. */
export function intervalOf(micros: bigint): Interval {
  if (BigInt.asIntN(INT64, micros) !== micros) throw outOfRange();
  return justifyHours({ ...ZERO, micros });
}

/** Whole days out of the hours. */
export function justifyHours(interval: Interval): Interval {
  if (isInfiniteInterval(interval)) return interval;
  const { months, days, micros } = interval;
  return checked(
    sameSignHours({ months, days: days + micros / MICROS_PER_DAY, micros: micros % MICROS_PER_DAY }),
  );
}

/** Months of 30 days out of the days. */
export function justifyDays(interval: Interval): Interval {
  if (isInfiniteInterval(interval)) return interval;
  const { months, days, micros } = interval;
  return checked(
    sameSignDays({ months: months + days / DAYS_PER_MONTH, days: days % DAYS_PER_MONTH, micros }, false),
  );
}

/** Both, and then all of one sign. */
export function justifyInterval(interval: Interval): Interval {
  if (isInfiniteInterval(interval)) return interval;
  const days = interval.days + interval.micros / MICROS_PER_DAY;
  const whole = {
    months: interval.months + days / DAYS_PER_MONTH,
    days: days % DAYS_PER_MONTH,
    micros: interval.micros % MICROS_PER_DAY,
  };
  return checked(sameSignHours(sameSignDays(whole, true)));
}

function sameSignHours({ months, days, micros }: Interval): Interval {
  if (days > 0n && micros < 0n) return { months, days: days - 1n, micros: micros + MICROS_PER_DAY };
  if (days < 0n && micros > 0n) return { months, days: days + 1n, micros: micros - MICROS_PER_DAY };
  return { months, days, micros };
}

/** `whole`: hours below or above zero count where there are no days. */
function sameSignDays({ months, days, micros }: Interval, whole: boolean): Interval {
  const rest = days === 0n && whole ? micros : days;
  if (months > 0n && rest < 0n) return { months: months - 1n, days: days + DAYS_PER_MONTH, micros };
  if (months < 0n && rest > 0n) return { months: months + 1n, days: days - DAYS_PER_MONTH, micros };
  return { months, days, micros };
}

function fieldwise(a: Interval, b: Interval, of: (x: bigint, y: bigint) => bigint): Interval {
  return { months: of(a.months, b.months), days: of(a.days, b.days), micros: of(a.micros, b.micros) };
}

function fits({ months, days, micros }: Interval): boolean {
  const isInt = (value: bigint, bits: number) => BigInt.asIntN(bits, value) === value;
  return isInt(months, INT32) && isInt(days, INT32) && isInt(micros, INT64);
}

/** A result that a field does not hold, or that looks like an infinite one, is an error. */
function checked(interval: Interval): Interval {
  if (!fits(interval) || isInfiniteInterval(interval)) throw outOfRange();
  return interval;
}

function outOfRange(): EvaluationError {
  return new EvaluationError('interval out of range');
}
