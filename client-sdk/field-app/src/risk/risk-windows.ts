import type { WindowTexts } from '../texts/risk-english.ts';

/** A window of time of which there are forecasts. */
export type RiskWindow = {
  readonly window_start: Date;
  readonly window_end: Date;
};

/** Windows begin and end by this wall clock, wherever the device is. */
const ZONE = 'Europe/Stockholm';
const DAY_MS = 86_400_000;
const WINDOW_HOURS = 6;
/** Windows of a week, as many as are forecast. */
export const MAX_WINDOWS = 28;

/** The windows that are not over, the one under way first. */
export function windowsAhead(rows: readonly RiskWindow[], nowMs: number): readonly RiskWindow[] {
  return rows
    .filter(({ window_end }) => window_end.getTime() > nowMs)
    .toSorted((a, b) => a.window_start.getTime() - b.window_start.getTime())
    .slice(0, MAX_WINDOWS);
}

/** Where among them the one that begins then is; the first where it is gone, or none was chosen. */
export function placeOfWindow(windows: readonly RiskWindow[], startMs: number | undefined): number {
  return Math.max(
    0,
    windows.findIndex(({ window_start }) => window_start.getTime() === startMs),
  );
}

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
});

/** What the wall clock shows: the day, counted from 1970, and the hour. */
function shownAt(at: Date): { readonly day: number; readonly hour: number } {
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)] as const));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return { day: Date.UTC(part('year'), part('month') - 1, part('day')) / DAY_MS, hour: part('hour') };
}

/** A window in local words, e.g. "Tonight 18–24"; by the wall clock of Stockholm. */
export function windowName(
  { window_start, window_end }: RiskWindow,
  nowMs: number,
  words: WindowTexts,
  locale: string,
): string {
  const start = shownAt(window_start);
  const end = shownAt(window_end);
  const ahead = start.day - shownAt(new Date(nowMs)).day;
  const weekday = new Intl.DateTimeFormat(locale, { timeZone: ZONE, weekday: 'long' }).format(window_start);
  const named = (words.parts[Math.floor(start.hour / WINDOW_HOURS)] ?? words.parts[0])(ahead, weekday);
  const hours = [start.hour, end.hour === 0 ? 24 : end.hour].map((hour) => String(hour).padStart(2, '0'));
  return `${named.charAt(0).toLocaleUpperCase(locale)}${named.slice(1)} ${hours.join('–')}`;
}
