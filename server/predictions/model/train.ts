import { getHexagonAreaAvg, UNITS } from 'h3-js';
import { chooseBaselines } from '../evaluation/choose-baselines.ts';
import { summarise, testWeek } from '../evaluation/evaluate.ts';
import type { Contestants, TestedWeek } from '../evaluation/evaluate.ts';
import { createSpread } from '../evaluation/spread.ts';
import type { Spread } from '../evaluation/spread.ts';
import { knowledgeAt } from '../features/knowledge.ts';
import { timelineOf } from '../features/timeline.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import type { Artefact, History, OnProgress, PlaceKind, Series, TooLittle, Trained } from '../forecast.ts';
import { windowAt } from '../windows.ts';
import { fitModel } from './fit-model.ts';
import { artefactOf, modelOf } from './read-artefact.ts';

/** A model is tested on so many weeks before the cut-off, and on no fewer than so many. */
const TEST_WEEKS = 26;
const MIN_TEST_WEEKS = 8;
/** Baselines are set by so many weeks before those. */
const BASELINE_WEEKS = 13;

/**
 * Trains a model of what is known at the cut-off, and tests its twin: fitted in the same way to what was known before the last
 * weeks, it forecasts each of them from what was known then. A champion is compared in the weeks after its own cut-off, of which it knew
 * nothing, where they are enough.
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
  const weeks = weeksOfTest(timeline, cutOffMs, champion?.cutOff.getTime());
  const firstMs = timeline.windows.startOf(weeks.first).getTime();
  const twin = fitModel(timeline, firstMs, (share) =>
    onProgress('training the twin that is tested', share * 0.4),
  );
  if ('tooLittle' in twin) return twin;
  const before = Array.from(
    { length: BASELINE_WEEKS },
    (_, n) => weeks.first - (n + 1) * WINDOWS_AHEAD,
  ).reverse();
  const contestants: Contestants = {
    model: twin.model,
    baselines: chooseBaselines(timeline, before, firstMs),
    ...(champion !== undefined && weeks.isComparable ? { champion: modelOf(champion.artefact) } : {}),
  };
  const spread = createSpread(timeline.places.length);
  const tested = testWeeks(timeline, weeks, cutOffMs, contestants, spread, (share) =>
    onProgress('testing', 0.4 + share * 0.15),
  );
  if (tested.length < MIN_TEST_WEEKS) {
    return { tooLittle: `${tested.length} weeks are known to test on; ${MIN_TEST_WEEKS} are needed.` };
  }
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
  };
}

interface TestWeeks {
  /** The first window of the first week. */
  readonly first: number;
  readonly count: number;
  /** Whether the champion knew nothing of any of these weeks. */
  readonly isComparable: boolean;
}

/** The weeks before the frontier of what is known; only those after the champion's cut-off, where they are enough. */
function weeksOfTest(timeline: Timeline, cutOffMs: number, championMs: number | undefined): TestWeeks {
  const knowledge = knowledgeAt(timeline, cutOffMs);
  const end = windowAt(knowledge?.frontierMs ?? cutOffMs);
  if (championMs !== undefined) {
    const since = windowAt(timeline.windows.shownAt(championMs)) + 1;
    const count = Math.min(TEST_WEEKS, Math.floor((end - since) / WINDOWS_AHEAD));
    if (count >= MIN_TEST_WEEKS) return { first: end - count * WINDOWS_AHEAD, count, isComparable: true };
  }
  return { first: end - TEST_WEEKS * WINDOWS_AHEAD, count: TEST_WEEKS, isComparable: false };
}

function testWeeks(
  timeline: Timeline,
  { first, count }: TestWeeks,
  knownByMs: number,
  contestants: Contestants,
  spread: Spread,
  onProgress: (share: number) => void,
): TestedWeek[] {
  const cellArea = cellAreaKm2(timeline.series.placeKind);
  return Array.from({ length: count }, (_, n) => first + n * WINDOWS_AHEAD).flatMap((window, n) => {
    onProgress(n / count);
    return testWeek(timeline, window, knownByMs, contestants, cellArea, spread) ?? [];
  });
}

/** Mean area of a cell in km² (h3geo.org, table of cell statistics); undefined for municipalities. */
export function cellAreaKm2(kind: PlaceKind): number | undefined {
  return kind === 'municipality'
    ? undefined
    : getHexagonAreaAvg(Number(kind.slice('cell-'.length)), UNITS.km2);
}
