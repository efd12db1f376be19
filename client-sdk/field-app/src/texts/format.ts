import { locale } from './texts.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What lies no further ahead than this has happened just now. */
const AHEAD_MS = 2 * MINUTE_MS;
/** Beyond this a date says more than "13 days ago". */
const RELATIVE_UP_TO_MS = 7 * DAY_MS;

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const dayFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });

/** How long ago, in words; a date where it was more than a week. */
export function timeAgo(at: Date, nowMs: number): string {
  const agoMs = nowMs - at.getTime();
  // What has just been written is newer than the time that is shown anew now and then, and clocks differ.
  const ageMs = agoMs < 0 && agoMs > -AHEAD_MS ? 0 : agoMs;
  if (ageMs < 0 || ageMs > RELATIVE_UP_TO_MS) return dayFormat.format(at);
  if (ageMs < HOUR_MS) return relative.format(-Math.floor(ageMs / MINUTE_MS), 'minute');
  if (ageMs < DAY_MS) return relative.format(-Math.floor(ageMs / HOUR_MS), 'hour');
  return relative.format(-Math.floor(ageMs / DAY_MS), 'day');
}

/** How long ago, to the second within the first minute: for what must be seen to tick. */
export function exactAge(at: Date, nowMs: number): string {
  const ageMs = Math.max(0, nowMs - at.getTime());
  if (ageMs >= MINUTE_MS) return timeAgo(at, nowMs);
  return relative.format(-Math.floor(ageMs / SECOND_MS), 'second');
}

/** A size, in the unit that suits it. */
export function bytes(size: number): string {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, size)) / 3));
  const unit = (['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const)[power];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: unit ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: 0,
  }).format(size / 1000 ** power);
}

/** A whole number. */
export function count(value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** An amount that need be no whole number, in two significant digits. */
export function amount(value: number): string {
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 }).format(value);
}

/** Date and time in full. */
export function fullTime(at: Date): string {
  return dateTime.format(at);
}

/** A distance, never finer than it is known. */
export function distance(metres: number): string {
  const kilometres = metres >= 1000;
  const value = kilometres ? metres / 1000 : Math.max(1, Math.round(metres));
  const digits = kilometres && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: kilometres ? 'kilometer' : 'meter',
    maximumFractionDigits: digits,
  }).format(value);
}

/** A share 0–1 as a percentage. */
export function percent(share: number): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

/** A share 0–1 as a percentage, in two significant digits: for what is small, too. */
export function exactShare(share: number): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumSignificantDigits: 2 }).format(share);
}

/** A measure without a unit, in three significant digits. */
export function measure(value: number): string {
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }).format(value);
}

/** A day without its time. */
export function day(at: Date): string {
  return dayFormat.format(at);
}

/** For `<input type="datetime-local">`: local time to the minute. */
export function localInputValue(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * MINUTE_MS);
  return local.toISOString().slice(0, 16);
}
