import { FEATURES_VERSION } from '../features/features.ts';
import { knowledgeAt } from '../features/knowledge.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { fitKernel } from '../kernel/fit-kernel.ts';
import { boost } from '../training/boost.ts';
import type { BoostRules, LearningRows } from '../training/boost.ts';
import { TREE_INPUTS, countWindows, learningRows } from '../training/learning-rows.ts';
import type { WeekRows } from '../training/learning-rows.ts';
import { windowAt } from '../windows.ts';
import { treeInputs } from './forecast-model.ts';
import type { ForecastModel } from './forecast-model.ts';

const DAY_MS = 86_400_000;
/** Weeks that are learnt from, counted back from the cut-off. */
const MAX_WEEKS = 130;
/** Days of history that come before the first week that is learnt from. */
export const WARM_UP_DAYS = 182;
/** Fewer weeks or incidents than these teach nothing. */
export const MIN_WEEKS = 12;
export const MIN_INCIDENTS = 300;
/** The last part of the weeks decides how many trees there are. */
const LATER_SHARE = 0.25;

/**
 * How trees are grown, chosen on the years 2015 to 2017 of a city's register, before the years that are reported were looked at.
 */
export const BOOST_RULES: BoostRules = {
  maxTrees: 300,
  patience: 30,
  rowShare: 0.6,
  featureShare: 0.6,
  seed: 1,
  maxDepth: 4,
  learningRate: 0.05,
  maxStep: 0.7,
  l2: 5,
  minLeafHessian: 40,
  minGain: 0.01,
};

/**
 * In which way models are learnt, as it is noted in them: two of the same way differ only in what was known. `revision` is raised with every change
 * of code after which the same rows make another model.
 */
export const PROCEDURE = JSON.stringify({
  revision: 1,
  features: FEATURES_VERSION,
  maxWeeks: MAX_WEEKS,
  warmUpDays: WARM_UP_DAYS,
  laterShare: LATER_SHARE,
  trees: BOOST_RULES,
});

/** What there is to learn from: weeks after the warm-up, and incidents in them in places that were known before. */
export interface Material {
  readonly weeks: number;
  readonly incidents: number;
}

/** What a model could learn from at a cut-off (milliseconds of UTC). */
export function materialAt(timeline: Timeline, cutOffMs: number): Material {
  const weeks = weeksToLearnFrom(timeline, cutOffMs);
  const places = timeline.places.length;
  let incidents = 0;
  for (const first of weeks) {
    const startMs = timeline.windows.startOf(first).getTime();
    for (const [key, count] of countWindows(timeline, first, cutOffMs))
      if (timeline.placeKnownAt[key % places]! <= startMs) incidents += count;
  }
  return { weeks: weeks.length, incidents };
}

/** A fitted model and what it was fitted to. */
export interface Fitted {
  readonly model: ForecastModel;
  readonly rows: number;
  readonly incidents: number;
  readonly weeks: number;
}

/** A model of what is known at the cut-off (milliseconds of UTC), or in words why there is none. */
export function fitModel(
  timeline: Timeline,
  cutOffMs: number,
  onProgress?: (share: number) => void,
): Fitted | { readonly tooLittle: string } {
  const weeks = weeksToLearnFrom(timeline, cutOffMs);
  if (weeks.length < MIN_WEEKS) {
    return {
      tooLittle: `${weeks.length} weeks are known after half a year of history; ${MIN_WEEKS} are needed.`,
    };
  }
  const rows = learningRows(timeline, weeks, cutOffMs, BOOST_RULES.seed, (done) =>
    onProgress?.((0.3 * done) / weeks.length),
  );
  if (rows === undefined || rows.incidents < MIN_INCIDENTS) {
    return {
      tooLittle: `${rows?.incidents ?? 0} incidents are known in ${weeks.length} weeks; ${MIN_INCIDENTS} are needed.`,
    };
  }
  const { weekStarts } = rows;
  const split = weekStarts[Math.round((weekStarts.length - 1) * (1 - LATER_SHARE))]!;
  const early = fitKernel(rows, rows.columns, 0, split);
  const chosen = boost(
    treeRows(rows, early, 0, split),
    treeRows(rows, early, split, rows.rows),
    BOOST_RULES,
    (trees) => onProgress?.(0.3 + (0.35 * trees) / BOOST_RULES.maxTrees),
  );
  const kernel = fitKernel(rows, rows.columns);
  const maxTrees = chosen.trees.length;
  const { trees } = boost(
    treeRows(rows, kernel, 0, rows.rows),
    undefined,
    { ...BOOST_RULES, maxTrees },
    (done) => onProgress?.(0.65 + (0.35 * done) / Math.max(1, maxTrees)),
  );
  return {
    model: { kernel, trees, spread: 0, procedure: PROCEDURE },
    rows: rows.rows,
    incidents: rows.incidents,
    weeks: weekStarts.length - 1,
  };
}

/** The first windows of the weeks before the frontier of what is known, rising, each a week after the other. */
function weeksToLearnFrom(timeline: Timeline, cutOffMs: number): readonly number[] {
  const knowledge = knowledgeAt(timeline, cutOffMs);
  if (knowledge === undefined) return [];
  const earliest = windowAt(knowledge.startMs + WARM_UP_DAYS * DAY_MS);
  const weeks: number[] = [];
  let first = windowAt(knowledge.frontierMs) - WINDOWS_AHEAD;
  while (first >= earliest && weeks.length < MAX_WEEKS) {
    weeks.push(first);
    first -= WINDOWS_AHEAD;
  }
  return weeks.reverse();
}

function treeRows(
  { width, values, counts, weights }: WeekRows,
  kernel: Float64Array,
  from: number,
  to: number,
): LearningRows {
  const rows = to - from;
  const inputs = new Float32Array(rows * TREE_INPUTS);
  const margins = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    margins[row] = treeInputs(kernel, values, (from + row) * width, inputs, row * TREE_INPUTS);
  }
  return {
    rows,
    features: TREE_INPUTS,
    values: inputs,
    counts: counts.subarray(from, to),
    weights: weights.subarray(from, to),
    margins,
  };
}
