import type { Champions, EvaluationAnswer } from '@halo/shapes/protocol/predictions.ts';

/** Who speaks for one series, and how it was tested. */
export type SeriesAnswer = Champions['series'][number];
type Estimate = EvaluationAnswer['model']['deviance'];

/** The baseline that is served where no model beats it. */
const BASELINE = 'count-365';
/** Shares of the places, in percent, of which it is told how much happened there. */
const SHARES = [1, 5, 10] as const;

/** What is served, and why. */
export type Verdict =
  /** A trained model that has beaten the baselines. */
  | 'model'
  /** A trained model that an operator holds, whatever its test said. */
  | 'pinned'
  /** The baseline, since a trained model did not beat it. */
  | 'baseline_kept'
  /** The baseline, since nothing could be tested. */
  | 'untested';

/** A measure of the test: of the model, of the baseline, and whose difference is sure. */
export interface Measure {
  readonly name: 'found' | 'deviance' | 'brier';
  /** Of `found`: the percentage of the places. */
  readonly percent?: number;
  readonly model: Estimate;
  readonly baseline: Estimate | undefined;
  /** Whose is better beyond doubt, by the 95 % interval of the difference; undefined where the test does not say. */
  readonly better: 'model' | 'baseline' | 'unsure' | undefined;
}

/** What a series comes to. */
export function verdictOf({ champion, pinned, latest }: SeriesAnswer): Verdict {
  if (champion.kind === 'trained') return champion.decision === 'promoted' && !pinned ? 'model' : 'pinned';
  return latest?.evaluation == null ? 'untested' : 'baseline_kept';
}

/** The test that tells how good it is: the champion's, or that of the model which did not beat the baseline. */
export function testOf({ champion, latest }: SeriesAnswer): EvaluationAnswer | undefined {
  return (champion.kind === 'trained' ? champion.evaluation : latest?.evaluation) ?? undefined;
}

/** Why the baseline speaks, or what became of the newest model, in the server's words; undefined where there is nothing to say. */
export function reasonOf(series: SeriesAnswer): string | undefined {
  const { champion, latest } = series;
  if (latest !== null && latest.id !== champion.id) return latest.reason;
  return champion.reason === '' ? undefined : champion.reason;
}

/** The measures of a test, the plainest first. */
export function measuresOf({ model, rivals, differences }: EvaluationAnswer): readonly Measure[] {
  const baseline = rivals[BASELINE];
  const difference = differences.find(({ rival }) => rival === BASELINE);
  const found = SHARES.flatMap((percent): Measure[] => {
    const own = model.pai[percent];
    if (own === undefined) return [];
    const other = baseline?.pai[percent];
    return [
      {
        name: 'found',
        percent,
        // The index says how many times more was found than the share of the places.
        model: times(own, percent / 100),
        baseline: other && times(other, percent / 100),
        better: sureOf(difference?.pai[percent]),
      },
    ];
  });
  return [
    ...found,
    {
      name: 'deviance',
      model: model.deviance,
      baseline: baseline?.deviance,
      better: sureOf(difference?.deviance),
    },
    { name: 'brier', model: model.brier, baseline: baseline?.brier, better: undefined },
  ];
}

function times({ value, lower, upper }: Estimate, factor: number): Estimate {
  return { value: value * factor, lower: lower * factor, upper: upper * factor };
}

function sureOf(difference: Estimate | undefined): Measure['better'] {
  if (difference === undefined) return undefined;
  if (difference.lower > 0) return 'model';
  return difference.upper < 0 ? 'baseline' : 'unsure';
}

/** The series of one kind of place, all types together first. */
export function byPlaceKind(series: readonly SeriesAnswer[]): ReadonlyMap<string, readonly SeriesAnswer[]> {
  const kinds = new Map<string, SeriesAnswer[]>();
  for (const one of series) {
    const group = kinds.get(one.placeKind);
    if (group === undefined) kinds.set(one.placeKind, [one]);
    else if (one.category === 'all') group.unshift(one);
    else group.push(one);
  }
  return kinds;
}
