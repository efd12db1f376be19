import { getHexagonAreaAvg, UNITS } from 'h3-js';
import { chooseBaselines } from '../evaluation/choose-baselines.ts';
import { championLead, summarise, testWeek } from '../evaluation/evaluate.ts';
import type { Contestants, TestedWeek } from '../evaluation/evaluate.ts';
import { createSpread } from '../evaluation/spread.ts';
import type { Spread } from '../evaluation/spread.ts';
import { timelineOf } from '../features/timeline.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import type { Artefact, History, OnProgress, PlaceKind, Series, TooLittle, Trained } from '../forecast.ts';
import { PROCEDURE, fitModel } from './fit-model.ts';
import { artefactOf, modelOf } from './read-artefact.ts';
import { weeksOfTest } from './test-weeks.ts';
import type { TestWeeks } from './test-weeks.ts';

/** Baselines are set by so many weeks before those. */
const BASELINE_WEEKS = 13;

/**
 * Trains a model of what is known at the cut-off, and tests its twin: fitted in the same way to what was known before the last
 * weeks, it forecasts each of them from what was known then. The champion is tested in those of them that came after its own cut-off, where
 * they are enough; it is compared with the twin where it is tested in all, and the twin knew no less than it did.
 */
export function train(
  history: History,
  series: Series,
  cutOff: Date,
  champion: { readonly artefact: Artefact; readonly cutOff: Date } | undefined,
  onProgress: OnProgress,
): Trained | TooLittle {
  const timeline = timelineOf(history, series);
  const cutOffMs = cutOff.getTime();
  const current = champion === undefined ? undefined : modelOf(champion.artefact);
  const isSameProcedure = current?.procedure === PROCEDURE;
  const weeks = weeksOfTest(
    timeline,
    cutOffMs,
    champion === undefined ? undefined : { cutOffMs: champion.cutOff.getTime(), isSameProcedure },
  );
  if ('tooLittle' in weeks) return weeks;
  const firstMs = timeline.windows.startOf(weeks.first).getTime();
  const twin = fitModel(timeline, firstMs, (share) =>
    onProgress('training the twin that is tested', share * 0.4),
  );
  if ('tooLittle' in twin) return twin;
  const contestants: Contestants = {
    model: twin.model,
    baselines: chooseBaselines(timeline, weeksBefore(weeks.first), firstMs),
    ...(current === undefined ? {} : { champion: current }),
  };
  const spread = createSpread(timeline.places.length);
  const tested = testWeeks(timeline, weeks, cutOffMs, contestants, spread, (share) =>
    onProgress('testing', 0.4 + share * 0.15),
  );
  const full = fitModel(timeline, cutOffMs, (share) => onProgress('training', 0.55 + share * 0.39));
  if ('tooLittle' in full) return full;
  onProgress('weighing the test', 0.95);
  return {
    artefact: artefactOf(series, { ...full.model, spread: spread.variance() }),
    cutOff,
    samples: {
      incidents: full.incidents,
      places: timeline.places.length,
      rows: full.rows,
      trees: full.model.trees.length,
    },
    evaluation: summarise(timeline, tested),
    champion: current === undefined ? undefined : { isSameProcedure, overCount365: championLead(tested) },
  };
}

/** The weeks that baselines are set by. */
function weeksBefore(first: number): readonly number[] {
  return Array.from({ length: BASELINE_WEEKS }, (_, n) => first - (BASELINE_WEEKS - n) * WINDOWS_AHEAD);
}

function testWeeks(
  timeline: Timeline,
  { first, count, championFrom = Infinity }: TestWeeks,
  knownByMs: number,
  { champion, ...others }: Contestants,
  spread: Spread,
  onProgress: (share: number) => void,
): TestedWeek[] {
  const cellArea = cellAreaKm2(timeline.series.placeKind);
  return Array.from({ length: count }, (_, n) => first + n * WINDOWS_AHEAD).flatMap((window, n) => {
    onProgress(n / count);
    const contestants = champion !== undefined && window >= championFrom ? { ...others, champion } : others;
    return testWeek(timeline, window, knownByMs, contestants, cellArea, spread) ?? [];
  });
}

/** Mean area of a cell in km² (h3geo.org, table of cell statistics); undefined for municipalities. */
export function cellAreaKm2(kind: PlaceKind): number | undefined {
  return kind === 'municipality'
    ? undefined
    : getHexagonAreaAvg(Number(kind.slice('cell-'.length)), UNITS.km2);
}
