import { wallClock } from '../../platform/wall-clock.ts';
import type { WallClock } from '../../platform/wall-clock.ts';

const DAY_MS = 86_400_000;

const STOCKHOLM = stockholm();

const MONTHS = [
  'januari',
  'februari',
  'mars',
  'april',
  'maj',
  'juni',
  'juli',
  'augusti',
  'september',
  'oktober',
  'november',
  'december',
];

/** "2025-01-01 9:05:00 +01:00": the hour may be unpadded, which no standard parser of dates forgives. */
const PUBLISHED = /^(\d{4})-(\d{2})-(\d{2}) (\d{1,2}):(\d{2}):(\d{2}) ([+-])(\d{2}):(\d{2})$/u;
/** "02 december 06.43, …"; with a colon until 2023-11-09. */
const NAMED = /^\s*(\d{1,2})\s+(\p{L}+)\s+(\d{1,2})[.:](\d{2})\s*,/u;

/** The instant at which an event was published (its `datetime`), or undefined when it is not in that form. */
export function parsePublishedAt(text: string): Date | undefined {
  const match = PUBLISHED.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, sign, offsetHour, offsetMinute] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const asUtc = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)),
  );
  if (asUtc.getUTCMonth() !== Number(month) - 1 || asUtc.getUTCDate() !== Number(day)) return undefined;
  const offsetMin = (sign === '-' ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute));
  return new Date(asUtc.getTime() - offsetMin * 60_000);
}

/**
 * When an event happened. Only its `name` says so, without a year and in Stockholm's time: of all instants
 * that it can mean, the one nearest to the publication (the earlier of two equally near) is taken. Null when
 * the name says none, or when that instant is more than a day after the publication.
 */
export function eventTime(name: string, publishedAt: Date): Date | null {
  const match = NAMED.exec(name.normalize('NFC'));
  if (match === null) return null;
  const [, day, monthName, hour, minute] = match;
  const month = MONTHS.indexOf((monthName ?? '').toLowerCase()) + 1;
  if (month === 0) return null;
  const year = STOCKHOLM.yearAt(publishedAt);
  const candidates = [year - 1, year, year + 1].flatMap((candidateYear) =>
    STOCKHOLM.readingsOf({
      year: candidateYear,
      month,
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
    }),
  );
  const distanceMs = (instant: Date) => Math.abs(instant.getTime() - publishedAt.getTime());
  const [nearest] = candidates.toSorted((a, b) => distanceMs(a) - distanceMs(b) || a.getTime() - b.getTime());
  if (nearest === undefined || nearest.getTime() > publishedAt.getTime() + DAY_MS) return null;
  return nearest;
}

function stockholm(): WallClock {
  const clock = wallClock('Europe/Stockholm');
  if (clock === undefined) throw new Error('this Node knows no time zones');
  return clock;
}
