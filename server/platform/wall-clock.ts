const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Offsets that a clock keeps in memory: those of some ten years of hours. */
const MAX_REMEMBERED = 90_000;

/** A reading of a clock on a wall; `month` is 1 to 12. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** With its fraction; 0 unless given. */
  readonly second?: number;
}

/** What the clocks on the walls of one time zone show. */
export interface WallClock {
  /**
   * The instants at which the clock shows a time: one, two in the hour that it repeats in autumn (the earlier first), and
   * none in the hour that it skips in spring, or on a date that does not exist.
   */
  instantsOf(time: WallTime): readonly Date[];
  /**
   * As `instantsOf`, but in the hour that the clock skips the two readings that either offset would give, since whoever
   * wrote it meant one of them.
   */
  readingsOf(time: WallTime): readonly Date[];
  /** The calendar year at an instant. */
  yearAt(instant: Date): number;
  /** What the clock shows at an instant, in milliseconds as if it were UTC; both are since 1970. */
  shownAt(instantMs: number): number;
}

/** The clock of a zone by its IANA name, e.g. "Europe/Stockholm"; undefined when there is no such zone. */
export function wallClock(timeZone: string): WallClock | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  const offsetAt = remembered((at) => shownMs(format, at) - at);
  const offsetInHour = remembered((hour) => shownMs(format, hour) - hour);
  // Most days have one offset from end to end; only in the others each hour is asked about.
  const offsetNow = (instantMs: number) => {
    const midnight = Math.floor(instantMs / DAY_MS) * DAY_MS;
    const offset = offsetAt(midnight);
    return offsetAt(midnight + DAY_MS) === offset
      ? offset
      : offsetInHour(Math.floor(instantMs / HOUR_MS) * HOUR_MS);
  };
  const readingsOf = (time: WallTime): readonly Date[] => {
    const asUtc = asUtcMs(time);
    if (asUtc === undefined) return [];
    // Clocks change by less than a day, and not twice within three: these are the offsets before and after a change.
    const midnight = Math.floor(asUtc / DAY_MS) * DAY_MS;
    const [before, after] = [offsetAt(midnight - DAY_MS), offsetAt(midnight + 2 * DAY_MS)];
    if (before === after) return [new Date(asUtc - before)];
    const candidates = [asUtc - before, asUtc - after].toSorted((a, b) => a - b);
    const exact = candidates.filter((at) => shownMs(format, at) === asUtc);
    return (exact.length > 0 ? exact : candidates).map((at) => new Date(at));
  };
  return {
    readingsOf,
    instantsOf: (time) => readingsOf(time).filter((at) => shownMs(format, at.getTime()) === asUtcMs(time)),
    yearAt: (instant) => new Date(shownMs(format, instant.getTime())).getUTCFullYear(),
    // Clocks change on full hours of UTC wherever incidents are told of with their hour.
    shownAt: (instantMs) => instantMs + offsetNow(instantMs),
  };
}

/** A function of instants that asks `compute` once for each: what a zone's clock shows takes long to find out. */
function remembered(compute: (instant: number) => number): (instant: number) => number {
  const known = new Map<number, number>();
  return (instant) => {
    const found = known.get(instant);
    if (found !== undefined) return found;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const computed = compute(instant);
    known.set(instant, computed);
    return computed;
  };
}

/** The time as if it were in UTC; undefined for one that no clock shows. */
function asUtcMs({ year, month, day, hour, minute, second = 0 }: WallTime): number | undefined {
  if (hour > 23 || minute > 59 || second >= 60) return undefined;
  const ms = Date.UTC(year, month - 1, day, hour, minute) + Math.floor(second * 1000);
  const date = new Date(ms);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : undefined;
}

function shownMs(format: Intl.DateTimeFormat, at: number): number {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = NaN, month = NaN, day, hour, minute, second } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000);
}
