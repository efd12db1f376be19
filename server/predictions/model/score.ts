import { featureView } from '../features/features.ts';
import type { FeatureView } from '../features/features.ts';
import { knowledgeAt } from '../features/knowledge.ts';
import { timelineOf } from '../features/timeline.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import type { Artefact, History, PlaceForecast, Series } from '../forecast.ts';
import { openGraph } from '../onnx.ts';
import type { Graph } from '../onnx.ts';
import { TREE_INPUTS } from '../training/learning-rows.ts';
import { windowAt, windowOfWeek } from '../windows.ts';
import { treeInputs } from './forecast-model.ts';
import type { ForecastModel } from './forecast-model.ts';
import { intervalFactors, restsOn } from './interval.ts';
import { mostExpected } from './most-expected.ts';
import { modelOf } from './read-artefact.ts';
import { REASON_CODES, createAblation, reasonsOf } from './reasons.ts';
import { scoreBaseline } from './score-baseline.ts';

/**
 * Forecasts of the windows from the one under way at the cut-off, by a model, or by the baseline where there is none; only of those places of
 * each region in which most is expected. Fails as `Forecaster.score` says.
 */
export async function score(
  history: History,
  series: Series,
  cutOff: Date,
  artefact: Artefact | undefined,
  threads: number,
): Promise<readonly PlaceForecast[]> {
  const timeline = timelineOf(history, series);
  const firstWindow = windowAt(timeline.windows.shownAt(cutOff.getTime()));
  if (artefact === undefined) {
    const knowledge = knowledgeAt(timeline, cutOff.getTime());
    return knowledge === undefined ? [] : scoreBaseline(timeline, knowledge, firstWindow);
  }
  const model = modelOf(artefact);
  const view = featureView(timeline, cutOff.getTime());
  if (view === undefined) return [];
  const graph = await openGraph(artefact.onnx, threads);
  try {
    return await scoreModel({ timeline, view, model, graph, firstWindow });
  } finally {
    await graph.close();
  }
}

interface Scoring {
  readonly timeline: Timeline;
  readonly view: FeatureView;
  readonly model: ForecastModel;
  readonly graph: Graph;
  readonly firstWindow: number;
}

async function scoreModel(scoring: Scoring): Promise<readonly PlaceForecast[]> {
  const { timeline, firstWindow } = scoring;
  const places = timeline.places.length;
  const ofWeek = new Float64Array(places);
  const expected: Float32Array[] = [];
  const averages: Float64Array[] = [];
  for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
    const { counts, average } = await scoreWindow(scoring, firstWindow + offset);
    counts.forEach((count, place) => (ofWeek[place]! += count));
    expected.push(counts);
    averages.push(average);
  }
  const kept = mostExpected(timeline, ofWeek);
  const forecasts: PlaceForecast[] = [];
  for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
    const window = firstWindow + offset;
    forecasts.push(...(await explain(scoring, window, kept, expected[offset]!, averages[offset]!)));
  }
  return forecasts;
}

/** What is expected of each place in a window, and the average row. */
async function scoreWindow({ timeline, view, model, graph }: Scoring, window: number) {
  const places = timeline.places.length;
  const inputs = new Float32Array(places * TREE_INPUTS);
  const row = new Float32Array(view.width);
  const average = new Float64Array(view.width);
  for (let place = 0; place < places; place++) {
    view.fill(place, window, row, 0);
    for (let column = 0; column < row.length; column++) average[column]! += row[column]! / places;
    treeInputs(model.kernel, row, 0, inputs, place * TREE_INPUTS);
  }
  return { counts: await graph.run(inputs), average };
}

async function explain(
  { timeline, view, model, graph }: Scoring,
  window: number,
  kept: readonly number[],
  expected: Float32Array,
  average: Float64Array,
): Promise<PlaceForecast[]> {
  const ablation = createAblation(timeline);
  const variants = REASON_CODES.length;
  const row = new Float32Array(view.width);
  const altered = new Float32Array(variants * view.width);
  const inputs = new Float32Array(kept.length * variants * TREE_INPUTS);
  const rests = new Float64Array(kept.length);
  const units = view.kernel.unitsIn(windowOfWeek(window));
  kept.forEach((place, n) => {
    view.fill(place, window, row, 0);
    rests[n] = restsOn(model.kernel, units, row, 0);
    ablation.rowsOf(row, average, altered, 0);
    for (let variant = 0; variant < variants; variant++) {
      treeInputs(model.kernel, altered, variant * view.width, inputs, (n * variants + variant) * TREE_INPUTS);
    }
  });
  const without = await graph.run(inputs);
  const [windowStart, windowEnd] = [timeline.windows.startOf(window), timeline.windows.startOf(window + 1)];
  return kept.map((place, n) => {
    const value = expected[place]!;
    const { lower, upper } = intervalFactors(rests[n]!, model.spread);
    return {
      place,
      windowStart,
      windowEnd,
      expected: value,
      lower: value * lower,
      upper: value * upper,
      reasons: reasonsOf(value, without.subarray(n * variants, (n + 1) * variants)),
    };
  });
}
