import { chooseBaselines } from '../../../server/predictions/evaluation/choose-baselines.ts';
import { modelForecasts, summarise, testWeek } from '../../../server/predictions/evaluation/evaluate.ts';
import type { Contestants, TestedWeek } from '../../../server/predictions/evaluation/evaluate.ts';
import { featureView } from '../../../server/predictions/features/features.ts';
import { timelineOf } from '../../../server/predictions/features/timeline.ts';
import type { Timeline } from '../../../server/predictions/features/timeline.ts';
import type { Evaluation, History, Series, TooLittle } from '../../../server/predictions/forecast.ts';
import { WINDOWS_AHEAD } from '../../../server/predictions/forecast.ts';
import { fitModel } from '../../../server/predictions/model/fit-model.ts';
import { cellAreaKm2 } from '../../../server/predictions/model/train.ts';
import { WINDOW_MS, windowAt, windowOfWeek } from '../../../server/predictions/windows.ts';

/** A new model is fitted for each so many weeks of a test. */
const REFIT_WEEKS = 26;
/** Baselines are set by so many weeks before the test, the last of which lies so many weeks back: it must be known. */
const BASELINE_WEEKS = 26;
const BASELINE_GAP_WEEKS = 5;

/** A place on the report's map. */
export interface MapPlace {
  readonly id: string;
  readonly lat: number;
  readonly lon: number;
  /** Incidents expected in the last week of the test, and seen in it. */
  readonly expected: number;
  readonly seen: number;
}

/** What a test of one series came to. */
export interface TestedSeries {
  readonly series: Series;
  readonly evaluation: Evaluation;
  readonly baselines: Contestants['baselines'];
  readonly fits: readonly {
    readonly cutOff: string;
    readonly rows: number;
    readonly trees: number;
    readonly seconds: number;
  }[];
  readonly map: readonly MapPlace[];
}

/** A series that could not be tested, and in words why. */
export interface UntestedSeries extends TooLittle {
  readonly series: Series;
}

export type SeriesResult = TestedSeries | UntestedSeries;

/** How series are tested, beside how models are learnt. `revision` is raised with every change of code after which the same test has other numbers. */
export const TEST = JSON.stringify({
  revision: 1,
  refitWeeks: REFIT_WEEKS,
  baselineWeeks: BASELINE_WEEKS,
  baselineGapWeeks: BASELINE_GAP_WEEKS,
});

/** The first windows of all whole weeks, from Monday on, between two times that a wall clock shows (milliseconds as if it were UTC). */
export function weeksBetween(fromShownMs: number, toShownMs: number): readonly number[] {
  let first = Math.ceil(fromShownMs / WINDOW_MS);
  first += (WINDOWS_AHEAD - windowOfWeek(first)) % WINDOWS_AHEAD;
  const end = windowAt(toShownMs);
  const weeks: number[] = [];
  for (; first + WINDOWS_AHEAD <= end; first += WINDOWS_AHEAD) weeks.push(first);
  return weeks;
}

/**
 * Tests a series over weeks that begin with these windows: each week's forecast is made from what was known then, and the model is
 * fitted anew twice a year from what was known at that time.
 */
export function evaluateSeries(
  history: History,
  series: Series,
  firstWindows: readonly number[],
  log: (text: string) => void,
): SeriesResult {
  const timeline = timelineOf(history, series);
  if (timeline.length === 0)
    return { series, tooLittle: 'Nothing that is learnt from happened in a place of this kind.' };
  const weeks: TestedWeek[] = [];
  const fits: TestedSeries['fits'][number][] = [];
  let contestants: Contestants | undefined;
  for (const window of firstWindows) {
    if (contestants === undefined || weeks.length % REFIT_WEEKS === 0) {
      const startedAt = performance.now();
      const cutOff = timeline.windows.startOf(window).toISOString();
      const fitted = fitModel(timeline, Date.parse(cutOff));
      if ('tooLittle' in fitted)
        return { series, tooLittle: `Of what was known by ${cutOff}: ${fitted.tooLittle}` };
      contestants = {
        model: fitted.model,
        baselines: contestants?.baselines ?? baselinesBefore(timeline, window),
      };
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      fits.push({ cutOff, rows: fitted.rows, trees: fitted.model.trees.length, seconds });
      log(
        `${series.placeKind} ${series.category}, known by ${cutOff}: ${fitted.rows} rows, ${fitted.model.trees.length} trees, ${seconds} s`,
      );
    }
    const tested = testWeek(timeline, window, Infinity, contestants, cellAreaKm2(series.placeKind));
    if (tested !== undefined) weeks.push(tested);
  }
  if (contestants === undefined || weeks.length === 0)
    return { series, tooLittle: 'Nothing was known before any of the weeks.' };
  return {
    series,
    evaluation: summarise(timeline, weeks),
    baselines: contestants.baselines,
    fits,
    map: mapOf(timeline, weeks.at(-1)!.firstWindow, contestants),
  };
}

function baselinesBefore(timeline: Timeline, window: number): Contestants['baselines'] {
  const weeks = Array.from(
    { length: BASELINE_WEEKS },
    (_, n) => window - (n + 1 + BASELINE_GAP_WEEKS) * WINDOWS_AHEAD,
  ).reverse();
  return chooseBaselines(timeline, weeks, timeline.windows.startOf(window).getTime());
}

function mapOf(timeline: Timeline, window: number, { model }: Contestants): readonly MapPlace[] {
  const cutOffMs = timeline.windows.startOf(window).getTime();
  const view = featureView(timeline, cutOffMs)!;
  const live = Uint32Array.from(timeline.places.keys()).filter(
    (place) => timeline.placeKnownAt[place]! <= cutOffMs,
  );
  const { expected } = modelForecasts(view, live, window, [model])[0]!;
  const seen = new Map<number, number>();
  for (let n = 0; n < timeline.length; n++) {
    const at = windowAt(timeline.shownAt[n]!);
    if (timeline.counts[n] === 0 || at < window || at >= window + WINDOWS_AHEAD) continue;
    seen.set(timeline.place[n]!, (seen.get(timeline.place[n]!) ?? 0) + 1);
  }
  return Array.from(live, (place, n) => {
    const { id, lat, lon } = timeline.places[place]!;
    let sum = 0;
    for (let offset = 0; offset < WINDOWS_AHEAD; offset++) sum += expected[offset * live.length + n]!;
    return { id, lat, lon, expected: Number(sum.toPrecision(3)), seen: seen.get(place) ?? 0 };
  });
}
