import { HaloError } from '../platform/errors.ts';
import { wallClock } from '../platform/wall-clock.ts';
import { WINDOW_HOURS } from './forecast.ts';

const HOUR_MS = 3_600_000;
/** A window's length on the wall clock, in milliseconds. */
export const WINDOW_MS = WINDOW_HOURS * HOUR_MS;
/** Windows of a day, and of a week. */
export const WINDOWS_A_DAY = 24 / WINDOW_HOURS;
export const WINDOWS_A_WEEK = 7 * WINDOWS_A_DAY;
/** 1970 began on a Thursday; windows of the week count from Monday. */
const MONDAY_SHIFT = 3 * WINDOWS_A_DAY;

/** The windows of a zone, numbered from 1970 by its wall clock. */
export interface Windows {
  /** The wall clock's time in milliseconds as if it were UTC: days have 24 hours on it, also where clocks are changed. */
  shownAt(instantMs: number): number;
  /** When a window begins; it ends when the next begins, an hour sooner or later in nights in which clocks are changed. */
  startOf(window: number): Date;
}

/**
 * Windows by the wall clock of a zone.
 *
 * @throws HaloError `unknown_time_zone`
 */
export function windowsOf(zone: string): Windows {
  const clock = wallClock(zone);
  if (clock === undefined) {
    throw new HaloError('unknown_time_zone', `There is no time zone ${zone}.`, {
      status: 400,
      field: 'zone',
    });
  }
  return {
    shownAt: (instantMs) => clock.shownAt(instantMs),
    startOf(window) {
      const shown = new Date(window * WINDOW_MS);
      const [start] = clock.readingsOf({
        year: shown.getUTCFullYear(),
        month: shown.getUTCMonth() + 1,
        day: shown.getUTCDate(),
        hour: shown.getUTCHours(),
        minute: 0,
      });
      return start!;
    },
  };
}

/** The number of the window in which the wall clock shows this. */
export function windowAt(shownMs: number): number {
  return Math.floor(shownMs / WINDOW_MS);
}

/** Which window of the week a window is: 0 is Monday from midnight. */
export function windowOfWeek(window: number): number {
  return (((window + MONDAY_SHIFT) % WINDOWS_A_WEEK) + WINDOWS_A_WEEK) % WINDOWS_A_WEEK;
}
