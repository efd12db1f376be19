import { WINDOWS_A_DAY, WINDOWS_A_WEEK } from '../windows.ts';

/**
 * Ways of calling two windows of the week "the same hours". Each sorts the windows into classes; counts are kept for each
 * class of a place, so that a place that is busy on Saturday nights differs from one that is busy at noon.
 */
export type ClockName = 'any' | 'hours' | 'weekend-hours' | 'week-hours';

export interface Clock {
  readonly classes: number;
  /** The class of each window of the week. */
  readonly classOf: readonly number[];
}

const EVERY_WINDOW = Array.from({ length: WINDOWS_A_WEEK }, (_, window) => window);
/** Friday from 18 to Sunday 18. */
const WEEKEND_FROM = 4 * WINDOWS_A_DAY + 3;
const WEEKEND_TO = 6 * WINDOWS_A_DAY + 3;

/** Whether a window of the week lies in the weekend, from Friday evening to Sunday evening. */
export function isWeekend(windowOfWeek: number): boolean {
  return windowOfWeek >= WEEKEND_FROM && windowOfWeek < WEEKEND_TO;
}

export const CLOCKS: Readonly<Record<ClockName, Clock>> = {
  any: { classes: 1, classOf: EVERY_WINDOW.map(() => 0) },
  hours: { classes: WINDOWS_A_DAY, classOf: EVERY_WINDOW.map((window) => window % WINDOWS_A_DAY) },
  'weekend-hours': {
    classes: WINDOWS_A_DAY * 2,
    classOf: EVERY_WINDOW.map((window) => (window % WINDOWS_A_DAY) * 2 + (isWeekend(window) ? 1 : 0)),
  },
  'week-hours': { classes: WINDOWS_A_WEEK, classOf: EVERY_WINDOW },
};
