import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { CATEGORIES } from '../../server/predictions/categories.ts';
import { WINDOWS_AHEAD } from '../../server/predictions/forecast.ts';
import { WINDOWS_A_WEEK, windowAt, windowOfWeek, windowsOf } from '../../server/predictions/windows.ts';
import type { Forecaster, History, PlaceForecast, Series } from '../../server/predictions/forecast.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const WEEKS_OF_YEAR = 365 / 7;
/** Standard normal deviate that a tenth of all lie above. */
const Z_TENTH = 1.2815515655;

/**
 * A forecaster for tests of what is around one: without a thread, so that it answers at once. It only has a baseline, the count
 * of the last 365 days spread over the week as all incidents are, and trains nothing.
 */
export const plainForecaster: Forecaster = {
  train: () =>
    Promise.resolve({ tooLittle: 'This server forecasts by the count of the last 365 days alone.' }),
  score(history, series, cutOff, artefact, signal) {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (artefact !== undefined)
      return Promise.reject(
        new HaloError('artefact_unusable', 'This server has nothing that scores models.'),
      );
    return Promise.resolve(scoreBaseline(history, series, cutOff));
  },
};

function scoreBaseline(history: History, { category }: Series, cutOff: Date): PlaceForecast[] {
  const counted = new Set<string>(CATEGORIES[category] ?? []);
  const isCounted = INCIDENT_TYPES.map((type) => counted.has(type));
  const windows = windowsOf(history.zone);
  const lastYear = new Float64Array(history.places.length);
  const inWindow = new Float64Array(WINDOWS_A_WEEK).fill(1);
  const cutOffMs = cutOff.getTime();
  let total = 0;
  for (const [index, place] of history.place.entries()) {
    if (history.knownAt[index]! > cutOffMs || isCounted[history.type[index]!] !== true) continue;
    const at = history.occurredAt[index]!;
    const window = windowOfWeek(windowAt(windows.shownAt(at)));
    inWindow[window] = inWindow[window]! + 1;
    if (at <= cutOffMs - YEAR_MS) continue;
    lastYear[place] = lastYear[place]! + 1;
    total += 1;
  }
  const all = inWindow.reduce((sum, count) => sum + count, 0);
  const mean = total / Math.max(1, history.places.length);
  const first = windowAt(windows.shownAt(cutOffMs));
  const forecasts: PlaceForecast[] = [];
  for (let ahead = 0; ahead < WINDOWS_AHEAD; ahead += 1) {
    const [windowStart, windowEnd] = [windows.startOf(first + ahead), windows.startOf(first + ahead + 1)];
    const share = inWindow[windowOfWeek(first + ahead)]! / all;
    const scale = share / WEEKS_OF_YEAR;
    for (const [place, count] of lastYear.entries()) {
      const expected = count * scale;
      const reasons = [
        { code: 'history', factor: mean > 0 ? count / mean : 1 },
        { code: 'hours', factor: share * WINDOWS_A_WEEK },
      ].toSorted((a, b) => Math.abs(Math.log(b.factor + 1e-9)) - Math.abs(Math.log(a.factor + 1e-9)));
      forecasts.push({
        place,
        windowStart,
        windowEnd,
        expected,
        lower: Math.min(expected, gammaQuantile(count + 0.5, -Z_TENTH) * scale),
        upper: Math.max(expected, gammaQuantile(count + 0.5, Z_TENTH) * scale),
        reasons,
      });
    }
  }
  return forecasts;
}

/** A quantile of the gamma distribution of scale 1, after Wilson and Hilferty: what a year's count may have been by chance. */
function gammaQuantile(shape: number, z: number): number {
  return shape * Math.max(0, 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))) ** 3;
}
