import type { EvaluationAnswer } from '@halo/shapes/protocol/predictions.ts';

type Estimate = EvaluationAnswer['model']['deviance'];

/** The baseline that is served where no model beats it. */
export const BASELINE = 'count-365';
/** Shares of the places, in percent, of which it is told how much happened there. */
const SHARES = [1, 5, 10] as const;

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
