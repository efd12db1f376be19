const MINUTE_MS = 60_000;
/** Offsets that Stockholm has had since 1980, in minutes: winter and summer. */
const OFFSETS_MIN = [60, 120] as const;

const wallClock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Stockholm',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
});

/** A reading of a clock on a wall in Stockholm; `month` is 1 to 12. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/**
 * The instants that a wall time in Stockholm can mean: one; two in the hour that the clock repeats in
 * autumn; and in the hour that it skips in spring the two readings that either offset would give, since
 * whoever wrote it meant one of them. None for a date that does not exist.
 */
export function instantsOfWallTime({ year, month, day, hour, minute }: WallTime): readonly Date[] {
  const asUtc = new Date(Date.UTC(year, month - 1, day, hour, minute));
  if (asUtc.getUTCMonth() !== month - 1 || asUtc.getUTCDate() !== day || hour > 23 || minute > 59) return [];
  const candidates = OFFSETS_MIN.map((offset) => new Date(asUtc.getTime() - offset * MINUTE_MS));
  const exact = candidates.filter((instant) => wallTimeAsUtcMs(instant) === asUtc.getTime());
  return exact.length > 0 ? exact : candidates;
}

/** The calendar year in Stockholm at an instant. */
export function yearInStockholm(instant: Date): number {
  return new Date(wallTimeAsUtcMs(instant)).getUTCFullYear();
}

function wallTimeAsUtcMs(instant: Date): number {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of wallClock.formatToParts(instant)) parts[type] = Number(value);
  const { year = NaN, month = NaN, day, hour, minute } = parts;
  return Date.UTC(year, month - 1, day, hour, minute);
}
