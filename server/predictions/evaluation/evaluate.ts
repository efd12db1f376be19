import { featureView } from '../features/features.ts';
import type { FeatureView } from '../features/features.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import type { AreaChosen, Difference, Estimate, Evaluation, RivalName, Scores } from '../forecast.ts';
import { expectedOf, treeInputs } from '../model/forecast-model.ts';
import type { ForecastModel } from '../model/forecast-model.ts';
import { TREE_INPUTS } from '../training/learning-rows.ts';
import { baselineView } from './baselines.ts';
import { bootstrap } from './bootstrap.ts';
import type { ChosenBaselines } from './choose-baselines.ts';
import { bestHits, scoreWeek } from './hits.ts';
import type { AreaSizes, WeekForecast, WeekScore } from './hits.ts';
import { reliabilityOf } from './reliability.ts';
import type { Spread } from './spread.ts';
import { flatForecast, livePlaces, seenIn } from './week.ts';

const AREA_PERCENTS = [1, 2, 3, 5, 7, 10, 15, 20];
/** The least area that the NIJ challenge of 2017 let its entries choose, in km². */
const FIXED_AREA_KM2 = 0.65;

/** One origin of a test. */
export interface TestedWeek {
  readonly firstWindow: number;
  readonly incidents: number;
  readonly places: number;
  readonly areas: AreaSizes;
  readonly best: Readonly<Partial<Record<AreaChosen, number>>>;
  readonly scores: Readonly<Partial<Record<'model' | RivalName, WeekScore>>>;
  /** Sums of expected and seen of the model's place-windows, in bands of the expected count. */
  readonly reliability: ReturnType<typeof reliabilityOf>;
}

/** Who forecasts a week. */
export interface Contestants {
  readonly model: ForecastModel;
  readonly champion?: ForecastModel;
  readonly baselines: ChosenBaselines;
}

/** Tests one week that begins with `firstWindow`, by what is known at `knownByMs`; undefined where nothing was known before it. `spread` hears of it too. */
export function testWeek(
  timeline: Timeline,
  firstWindow: number,
  knownByMs: number,
  { model, champion, baselines }: Contestants,
  cellAreaKm2: number | undefined,
  spread?: Spread,
): TestedWeek | undefined {
  const cutOffMs = timeline.windows.startOf(firstWindow).getTime();
  const view = featureView(timeline, cutOffMs);
  if (view === undefined) return undefined;
  const live = livePlaces(timeline, cutOffMs);
  const seen = seenIn(timeline, live, firstWindow, knownByMs);
  const areas = areaSizes(live.length, cellAreaKm2);
  const scores: Partial<Record<'model' | RivalName, WeekScore>> = {};
  const ofModel = modelForecasts(
    view,
    live,
    firstWindow,
    champion === undefined ? [model] : [model, champion],
  );
  scores.model = scoreWeek(ofModel[0]!, seen, areas);
  spread?.add(live, firstWindow, ofModel[0]!.expected, seen.counts);
  if (ofModel[1] !== undefined) scores.champion = scoreWeek(ofModel[1], seen, areas);
  for (const [name, settings] of Object.entries(baselines) as [keyof ChosenBaselines, never][]) {
    const { ofWeek } = baselineView(timeline, view.knowledge, settings);
    scores[name] = scoreWeek(flatForecast(ofWeek, live, view.knowledge.profile, firstWindow), seen, areas);
  }
  return {
    firstWindow,
    incidents: seen.incidents,
    places: live.length,
    areas,
    best: bestHits(seen, areas),
    scores,
    reliability: reliabilityOf(ofModel[0]!.expected, seen.counts),
  };
}

/** What several models expect of a week; the features are computed once. */
export function modelForecasts(
  view: FeatureView,
  live: Uint32Array,
  firstWindow: number,
  models: readonly ForecastModel[],
): readonly WeekForecast[] {
  const row = new Float32Array(view.width);
  const inputs = new Float32Array(TREE_INPUTS);
  const expected = models.map(() => new Float64Array(live.length * WINDOWS_AHEAD));
  for (let offset = 0; offset < WINDOWS_AHEAD; offset++) {
    live.forEach((place, n) => {
      view.fill(place, firstWindow + offset, row, 0);
      models.forEach((model, index) => {
        treeInputs(model.kernel, row, 0, inputs, 0);
        expected[index]![offset * live.length + n] = expectedOf(model, inputs, 0);
      });
    });
  }
  return expected.map((values) => ({ expected: values, isFlat: false }));
}

function areaSizes(places: number, cellAreaKm2: number | undefined): AreaSizes {
  const shares = AREA_PERCENTS.map((percent) => [
    String(percent),
    Math.max(1, Math.round((percent / 100) * places)),
  ]);
  const fixed = cellAreaKm2 === undefined ? [] : [['0.65 km²', Math.floor(FIXED_AREA_KM2 / cellAreaKm2)]];
  return Object.fromEntries([...shares, ...fixed]) as AreaSizes;
}

/** How much better the champion's deviance was than that of the count of 365 days, in the weeks in which it was tested. */
export function championLead(weeks: readonly TestedWeek[]): Estimate | undefined {
  const own = weeks.filter(({ scores }) => scores.champion !== undefined);
  if (own.length === 0) return undefined;
  return bootstrap(
    own.length,
    (drawn) => mean(own, 'count-365', 'deviance', drawn) - mean(own, 'champion', 'deviance', drawn),
  );
}

/** Draws the tested weeks together. Who was not tested in all of them, as a champion that knew some of them, is left out. */
export function summarise(timeline: Timeline, weeks: readonly TestedWeek[]): Evaluation {
  const names = Object.keys(weeks[0]!.scores) as ('model' | RivalName)[];
  const rivals = names.filter((name) => name !== 'model');
  const reliability = weeks[0]!.reliability.map((_, band) => {
    const sums = weeks.map((week) => week.reliability[band]!);
    const rows = sums.reduce((sum, { rows: own }) => sum + own, 0);
    return {
      expected: sums.reduce((sum, { expected }) => sum + expected, 0) / Math.max(1, rows),
      seen: sums.reduce((sum, { seen }) => sum + seen, 0) / Math.max(1, rows),
      rows,
    };
  });
  return {
    from: timeline.windows.startOf(weeks[0]!.firstWindow),
    to: timeline.windows.startOf(weeks.at(-1)!.firstWindow),
    origins: weeks.length,
    incidents: weeks.reduce((sum, { incidents }) => sum + incidents, 0),
    places: weeks.at(-1)!.places,
    model: scoresOf(weeks, 'model'),
    rivals: Object.fromEntries(rivals.map((name) => [name, scoresOf(weeks, name)])),
    differences: rivals.map((rival) => differenceTo(weeks, rival)),
    reliability: reliability.filter(({ rows }) => rows > 0),
  };
}

type Name = 'model' | RivalName;

/** Incidents found over all, divided by places chosen over all, of the drawn weeks. */
function pai(
  weeks: readonly TestedWeek[],
  name: Name,
  kind: 'hits' | 'weekHits',
  area: AreaChosen,
  drawn: readonly number[],
): number {
  let [found, incidents, share] = [0, 0, 0];
  for (const n of drawn) {
    const week = weeks[n]!;
    found += week.scores[name]![kind][area]!;
    incidents += week.incidents;
    share += week.areas[area]! / week.places;
  }
  return incidents === 0 ? 0 : found / incidents / (share / drawn.length);
}

function pei(weeks: readonly TestedWeek[], name: Name, area: AreaChosen, drawn: readonly number[]): number {
  let [found, best] = [0, 0];
  for (const n of drawn) {
    found += weeks[n]!.scores[name]!.hits[area]!;
    best += weeks[n]!.best[area]!;
  }
  return best === 0 ? 0 : found / best;
}

function mean(
  weeks: readonly TestedWeek[],
  name: Name,
  kind: 'deviance' | 'brier',
  drawn: readonly number[],
): number {
  let [sum, rows] = [0, 0];
  for (const n of drawn) {
    sum += weeks[n]!.scores[name]![kind];
    rows += weeks[n]!.places * WINDOWS_AHEAD;
  }
  return sum / rows;
}

function scoresOf(weeks: readonly TestedWeek[], name: Name): Scores {
  const areas = Object.keys(weeks[0]!.areas) as AreaChosen[];
  const each = (statistic: (area: AreaChosen, drawn: readonly number[]) => number) =>
    Object.fromEntries(
      areas.map((area) => [area, bootstrap(weeks.length, (drawn) => statistic(area, drawn))]),
    );
  return {
    pai: each((area, drawn) => pai(weeks, name, 'hits', area, drawn)),
    pei: each((area, drawn) => pei(weeks, name, area, drawn)),
    weekPai: each((area, drawn) => pai(weeks, name, 'weekHits', area, drawn)),
    deviance: bootstrap(weeks.length, (drawn) => mean(weeks, name, 'deviance', drawn)),
    brier: bootstrap(weeks.length, (drawn) => mean(weeks, name, 'brier', drawn)),
  };
}

function differenceTo(weeks: readonly TestedWeek[], rival: RivalName): Difference {
  const areas = Object.keys(weeks[0]!.areas) as AreaChosen[];
  const each = (kind: 'hits' | 'weekHits') =>
    Object.fromEntries(
      areas.map((area) => [
        area,
        bootstrap(
          weeks.length,
          (drawn) => pai(weeks, 'model', kind, area, drawn) - pai(weeks, rival, kind, area, drawn),
        ),
      ]),
    );
  return {
    rival,
    pai: each('hits'),
    weekPai: each('weekHits'),
    deviance: bootstrap(
      weeks.length,
      (drawn) => mean(weeks, rival, 'deviance', drawn) - mean(weeks, 'model', 'deviance', drawn),
    ),
  };
}
