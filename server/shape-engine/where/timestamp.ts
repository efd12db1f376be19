const FORM =
  /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d(?::?\d\d)?)( BC)?$/i;
const MICROS_PER_SECOND = 1_000_000n;
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Beyond every time that Postgres can represent. */
const INFINITE = 1n << 64n;

/**
 * Microseconds since 1970 of an ISO 8601 time with its zone, as Postgres prints a `timestamptz` or as a
 * clause may give it; `infinity` and `-infinity` lie beyond all others. Undefined when the text is none.
 */
export function parseTimestamp(text: string): bigint | undefined {
  const lower = text.toLowerCase();
  if (lower === 'infinity') return INFINITE;
  if (lower === '-infinity') return -INFINITE;
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, years, months, days, hours, minutes, seconds = '0', fraction = '', zone, bc] = match;
  const year = bc === undefined ? Number(years) : 1 - Number(years);
  const month = Number(months);
  const day = Number(days);
  if (Number(years) === 0 || month < 1 || month > 12) return undefined;
  if (day < 1 || day > daysInMonth(year, month)) return undefined;
  const offset = zoneSeconds(zone!);
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59 || offset === undefined) {
    return undefined;
  }
  const wall = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) - offset;
  const total = BigInt(daysSinceEpoch(year, month, day)) * 86_400n + BigInt(wall);
  return total * MICROS_PER_SECOND + BigInt(fraction.padEnd(6, '0'));
}

function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && !leap ? 28 : MONTH_DAYS[month - 1]!;
}

function zoneSeconds(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/**
 * Days from 1970-01-01 in the proleptic Gregorian calendar; year 0 is 1 BC. `Date` ends before Postgres does.
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil).
 */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
