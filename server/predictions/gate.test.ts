import { expect, it } from 'vitest';
import type { Difference, Estimate, Evaluation, RivalName, Scores } from './forecast.ts';
import { decide } from './gate.ts';

const estimate = (value: number, half: number): Estimate => ({
  value,
  lower: value - half,
  upper: value + half,
});
const scores = (deviance: number): Scores => ({
  pai: { '5': estimate(4, 0.1) },
  pei: {},
  weekPai: {},
  deviance: estimate(deviance, 0.001),
  brier: estimate(0.1, 0.01),
});
/** The model's deviance is 0.5; a rival's lead is given with half of its interval. */
function evaluationOf(
  leads: Partial<Record<RivalName, readonly [deviance: number, half: number, pai?: number]>>,
): Evaluation {
  const entries = Object.entries(leads) as [RivalName, readonly [number, number, number?]][];
  return {
    from: new Date(0),
    to: new Date(0),
    origins: 26,
    incidents: 900,
    places: 100,
    model: scores(0.5),
    rivals: Object.fromEntries(entries.map(([name, [deviance]]) => [name, scores(0.5 + deviance)])),
    differences: entries.map(([rival, [deviance, half, pai = 0.2]]): Difference => ({
      rival,
      pai: { '5': estimate(pai, 0.1) },
      weekPai: {},
      deviance: estimate(deviance, half),
    })),
    reliability: [],
  };
}
const BEATEN = {
  'count-365': [0.02, 0.01],
  'decayed-count': [0.02, 0.01],
  'space-time-kde': [0.02, 0.01],
} as const;

it('promotes what beats every baseline, and says by how much', () => {
  const { decision, reason } = decide(evaluationOf({ ...BEATEN, 'space-time-kde': [0.011, 0.01] }), {
    serving: 'baseline',
  });
  expect(decision).toBe('promoted');
  expect(reason).toContain('the space-time kernel density');
  expect(reason).toContain('26 weeks with 900 incidents');
});

it.each([
  ['is better only by chance', { ...BEATEN, 'decayed-count': [0.009, 0.01] }],
  ['finds less in 5 % of the area', { ...BEATEN, 'count-365': [0.02, 0.01, -0.01] }],
] as const)('serves the baseline where a model %s', (_, leads) => {
  expect(decide(evaluationOf(leads), { serving: 'baseline' })).toMatchObject({ decision: 'baseline' });
});

it('keeps a champion that is not beaten, or too young to be compared', () => {
  expect(decide(evaluationOf({ ...BEATEN, champion: [0.001, 0.01] }), { serving: 'model' })).toMatchObject({
    decision: 'kept',
    reason: expect.stringContaining('the champion') as string,
  });
  expect(decide(evaluationOf(BEATEN), { serving: 'model' })).toMatchObject({
    decision: 'kept',
    reason: expect.stringContaining('too young') as string,
  });
});

it('promotes over a champion by the lower bound', () => {
  expect(decide(evaluationOf({ ...BEATEN, champion: [0.02, 0.01] }), { serving: 'model' }).decision).toBe(
    'promoted',
  );
});

it('takes back a champion that the baselines have overtaken, where the new one does not beat them either', () => {
  const overtaken = evaluationOf({ ...BEATEN, 'count-365': [0.001, 0.01], champion: [0.01, 0.02] });
  expect(decide(overtaken, { serving: 'model' })).toMatchObject({ decision: 'baseline' });
});
