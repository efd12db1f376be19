import { knowledgeAt } from '../features/knowledge.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { fitKernel } from '../kernel/fit-kernel.ts';
import { boost } from '../training/boost.ts';
import type { BoostRules, LearningRows } from '../training/boost.ts';
import { TREE_INPUTS, learningRows } from '../training/learning-rows.ts';
import type { WeekRows } from '../training/learning-rows.ts';
import { windowAt } from '../windows.ts';
import { treeInputs } from './forecast-model.ts';
import type { ForecastModel } from './forecast-model.ts';

const DAY_MS = 86_400_000;
/** Weeks that are learnt from, counted back from the cut-off. */
const MAX_WEEKS = 130;
/** Days of history that come before the first week that is learnt from. */
const WARM_UP_DAYS = 182;
/** Fewer weeks or incidents than these teach nothing. */
const MIN_WEEKS = 12;
const MIN_INCIDENTS = 300;
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
    model: { kernel, trees, spread: 0 },
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
