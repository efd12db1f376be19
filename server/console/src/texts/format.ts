import { locale } from './language.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Beyond this a date says more than "13 days ago". */
const RELATIVE_UP_TO_MS = 14 * DAY_MS;

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' });
const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
const shortTime = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const exactTime = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
const dayTime = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const dayFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

type Unit = 'second' | 'minute' | 'hour' | 'day';

/** The largest unit that a time holds at least once, and how often. */
function inUnits(ms: number): { readonly amount: number; readonly unit: Unit } {
  if (ms < MINUTE_MS) return { amount: Math.floor(ms / SECOND_MS), unit: 'second' };
  if (ms < HOUR_MS) return { amount: Math.floor(ms / MINUTE_MS), unit: 'minute' };
  if (ms < DAY_MS) return { amount: Math.floor(ms / HOUR_MS), unit: 'hour' };
  return { amount: Math.floor(ms / DAY_MS), unit: 'day' };
}

/** How long ago, or in how long, in words; a date where it is far. */
export function ago(atMs: number, nowMs: number): string {
  const distanceMs = Math.abs(nowMs - atMs);
  if (distanceMs > RELATIVE_UP_TO_MS) return dayFormat.format(atMs);
  const { amount, unit } = inUnits(distanceMs);
  return relative.format(atMs > nowMs ? amount : -amount, unit);
}

/** A length of time in words, e.g. `3 minutes`; below a second in milliseconds. */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${whole.format(ms)} ms`;
  const { amount, unit } = inUnits(ms);
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}

/** Date and time to the second. */
export function fullTime(atMs: number): string {
  return dateTime.format(atMs);
}

/** A time of the axis of a chart: with its day where the chart spans more than one, with seconds where it spans minutes. */
export function axisTime(atMs: number, spanMs: number): string {
  if (spanMs < 10 * MINUTE_MS) return exactTime.format(atMs);
  return spanMs > DAY_MS ? dayTime.format(atMs) : shortTime.format(atMs);
}

/** A whole number. */
export function count(value: number): string {
  return whole.format(value);
}

/** A size, in the unit that suits it. */
export function bytes(size: number): string {
  const power = Math.min(4, Math.floor(Math.log10(Math.max(1, size)) / 3));
  const unit = (['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const)[power] ?? 'byte';
  const maximumFractionDigits = power > 1 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits }).format(
    size / 1000 ** power,
  );
}

/** A share 0–1 as a percentage. */
export function percent(share: number): string {
  const maximumFractionDigits = share > 0 && share < 0.1 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits }).format(share);
}

/** A measure without a unit, in three significant digits. */
export function measure(value: number): string {
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }).format(value);
}

/** A number in few letters, e.g. `1.5K`. */
export function short(value: number): string {
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

/** The first part of an id: enough to tell a few apart. */
export function shortId(id: string): string {
  return id.length > 13 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}
