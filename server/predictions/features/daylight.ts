import type { Place } from '../forecast.ts';
import { WINDOWS_A_DAY, WINDOW_MS } from '../windows.ts';
import { daylightHours } from './calendar.ts';

const HOURS_A_WINDOW = 24 / WINDOWS_A_DAY;
/** Latitudes are told apart by a tenth of a degree: some 11 km, within which days are equally long to a minute or two. */
const CLASSES_A_DEGREE = 10;
const CLASSES = 180 * CLASSES_A_DEGREE + 1;

/** The share of a window with the sun over the horizon of a place. */
export type Daylight = (place: number, window: number) => number;

/**
 * Daylight by each place's own latitude, which is known from the first; a mean of all places would be told by those that nothing was
 * known of yet. What it comes to is kept by window and latitude.
 */
export function daylightOf(places: readonly Place[]): Daylight {
  const classOf = Int32Array.from(places, ({ lat }) => Math.round((lat + 90) * CLASSES_A_DEGREE));
  const known = new Map<number, number>();
  return (place, window) => {
    const key = window * CLASSES + classOf[place]!;
    let share = known.get(key);
    if (share === undefined) {
      share = shareOf(window, classOf[place]! / CLASSES_A_DEGREE - 90);
      known.set(key, share);
    }
    return share;
  };
}

function shareOf(window: number, latitude: number): number {
  const startMs = window * WINDOW_MS;
  const sunHours = daylightHours(startMs, latitude);
  const hour = new Date(startMs).getUTCHours();
  // The sun stands highest about 12 on the wall clock; a summer clock is an hour off, which trees make up for.
  const from = Math.max(hour, 12 - sunHours / 2);
  const to = Math.min(hour + HOURS_A_WINDOW, 12 + sunHours / 2);
  return Math.max(0, to - from) / HOURS_A_WINDOW;
}
