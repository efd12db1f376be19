import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  ChampionTest,
  Difference,
  Estimate,
  Evaluation,
  PlaceKind,
  RivalName,
  Scores,
} from './forecast.ts';
import { decide as decideBy } from './gate.ts';

const decide = (
  evaluation: Evaluation,
  { champion, placeKind = 'cell-9' }: { champion: ChampionTest | undefined; placeKind?: PlaceKind },
) => decideBy(evaluation, { champion, placeKind });
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
/** The lead over a rival in deviance, half of its interval, and the leads in PAI at 5 % and 1 % of the area, whose intervals reach 0.1 to both sides. */
type Lead = readonly [deviance: number, half: number, pai5?: number, pai1?: number];

/** The model's deviance is 0.5. */
function evaluationOf(leads: Partial<Record<RivalName, Lead>>): Evaluation {
  const entries = Object.entries(leads) as [RivalName, Lead][];
  return {
    from: new Date(0),
    to: new Date(0),
    origins: 26,
    incidents: 900,
    places: 100,
    model: scores(0.5),
    rivals: Object.fromEntries(entries.map(([name, [deviance]]) => [name, scores(0.5 + deviance)])),
    differences: entries.map(([rival, [deviance, half, pai5 = 0.2, pai1 = 0.2]]): Difference => ({
      rival,
      pai: { '1': estimate(pai1, 0.1), '5': estimate(pai5, 0.1) },
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

/** A champion that was learnt in the same or another way, with its lead over the count of 365 days and half of its interval. */
const champion = (isSameProcedure: boolean, lead?: readonly [value: number, half: number]): ChampionTest => ({
  isSameProcedure,
  overCount365: lead === undefined ? undefined : estimate(...lead),
});
const SAME = champion(true);
const OTHER = champion(false);

it('promotes what beats every baseline, and says by how much', () => {
  const { decision, reason } = decide(evaluationOf({ ...BEATEN, 'space-time-kde': [0.011, 0.01] }), {
    champion: undefined,
  });
  expect(decision).toBe('promoted');
  expect(reason).toContain('the space-time kernel density');
  expect(reason).toContain('26 weeks with 900 incidents');
});

it.each([
  ['is better only by chance', { ...BEATEN, 'decayed-count': [0.009, 0.01] }],
  ['finds less in 5 % of the area', { ...BEATEN, 'count-365': [0.02, 0.01, -0.01] }],
  ['finds more in 5 % of the area only by chance', { ...BEATEN, 'decayed-count': [0.02, 0.01, 0.09] }],
  ['finds more in 1 % of the area only by chance', { ...BEATEN, 'decayed-count': [0.02, 0.01, 0.2, 0.09] }],
] as const)('serves the baseline where a model %s', (_, leads) => {
  expect(decide(evaluationOf(leads), { champion: undefined })).toMatchObject({ decision: 'baseline' });
});

it('asks of municipalities that expected counts are surely better, and no less is found', () => {
  const context = { champion: undefined, placeKind: 'municipality' } as const;
  const byChance = { ...BEATEN, 'decayed-count': [0.02, 0.01, 0.01, -0.3] } as const;
  expect(decide(evaluationOf(byChance), context).decision).toBe('promoted');
  const less = { ...BEATEN, 'decayed-count': [0.02, 0.01, -0.01] } as const;
  expect(decide(evaluationOf(less), context).decision).toBe('baseline');
});

it('asks nothing of 1 % of the area where that is less than a cell', () => {
  const byChance = evaluationOf({ ...BEATEN, 'decayed-count': [0.02, 0.01, 0.2, 0.09] });
  expect(decide({ ...byChance, places: 99 }, { champion: undefined }).decision).toBe('promoted');
});

describe('a champion that was learnt in the same way', () => {
  it('is renewed by what beats every baseline, however young it is', () => {
    expect(decide(evaluationOf(BEATEN), { champion: SAME })).toMatchObject({
      decision: 'promoted',
      reason: expect.stringContaining('learnt as the champion was') as string,
    });
    const comparable = evaluationOf({ ...BEATEN, champion: [-0.005, 0.01] });
    expect(decide(comparable, { champion: champion(true, [0.02, 0.01]) }).decision).toBe('promoted');
  });

  it('stays where it is surely better, and where the new one does not beat every baseline', () => {
    const better = evaluationOf({ ...BEATEN, champion: [-0.02, 0.01] });
    expect(decide(better, { champion: champion(true, [0.04, 0.01]) })).toMatchObject({
      decision: 'kept',
      reason: expect.stringContaining('surely better') as string,
    });
    const unsure = evaluationOf({ ...BEATEN, 'count-365': [-0.005, 0.01] });
    expect(decide(unsure, { champion: SAME })).toMatchObject({ decision: 'kept' });
  });

  it('gives way to the baseline where it is too young to be tested, and its way of learning loses to it surely', () => {
    const worse = evaluationOf({ ...BEATEN, 'count-365': [-0.02, 0.01] });
    expect(decide(worse, { champion: SAME })).toMatchObject({
      decision: 'baseline',
      reason: expect.stringContaining('learnt in the same way') as string,
    });
    // Its own test says more than that of its way of learning.
    expect(decide(worse, { champion: champion(true, [0.001, 0.01]) }).decision).toBe('kept');
    // Another way of learning says nothing of it.
    expect(decide(worse, { champion: OTHER }).decision).toBe('kept');
    // Only what would be served in its place counts.
    const behindDecayed = evaluationOf({ ...BEATEN, 'decayed-count': [-0.02, 0.01] });
    expect(decide(behindDecayed, { champion: SAME }).decision).toBe('kept');
  });
});

describe('a champion that was learnt in another way', () => {
  it('stays while it is too young to be compared with, and where it is not beaten', () => {
    expect(decide(evaluationOf(BEATEN), { champion: OTHER })).toMatchObject({
      decision: 'kept',
      reason: expect.stringContaining('too young') as string,
    });
    const close = evaluationOf({ ...BEATEN, champion: [0.001, 0.01] });
    expect(decide(close, { champion: champion(false, [0.019, 0.01]) })).toMatchObject({
      decision: 'kept',
      reason: expect.stringContaining('It does not beat the champion') as string,
    });
  });

  it('is replaced by what beats it by the lower bound', () => {
    const beaten = evaluationOf({ ...BEATEN, champion: [0.02, 0.01] });
    expect(decide(beaten, { champion: champion(false, [0.001, 0.01]) }).decision).toBe('promoted');
  });

  it('is replaced by what beats the baselines where it does not measure better than the one that is served', () => {
    const close = evaluationOf({ ...BEATEN, champion: [0.005, 0.01] });
    expect(decide(close, { champion: champion(false, [-0.001, 0.01]) })).toMatchObject({
      decision: 'promoted',
      reason: expect.stringContaining('the champion is no better') as string,
    });
  });
});

describe('where a new model does not beat every baseline', () => {
  it('a champion stays that another baseline than the served one has overtaken', () => {
    // Deviance: champion 0.5, decayed count 0.4999, and the count of 365 days, which would be served, 0.52.
    const overtaken = evaluationOf({
      'count-365': [0.02, 0.01],
      'decayed-count': [-0.0001, 0.01],
      'space-time-kde': [0.02, 0.01],
      champion: [0, 0.01],
    });
    for (const isSame of [true, false])
      expect(decide(overtaken, { champion: champion(isSame, [0.02, 0.01]) })).toMatchObject({
        decision: 'kept',
        reason: expect.stringContaining('It does not beat the decayed count') as string,
      });
  });

  it.each([true, false])(
    'a champion goes that is surely worse than the served one (same way: %s)',
    (isSame) => {
      const lost = evaluationOf({ ...BEATEN, 'count-365': [0.001, 0.01], champion: [0.02, 0.02] });
      expect(decide(lost, { champion: champion(isSame, [-0.02, 0.01]) })).toMatchObject({
        decision: 'baseline',
        reason: expect.stringContaining('surely worse than the count of the last 365 days') as string,
      });
      expect(decide(lost, { champion: champion(isSame, [-0.005, 0.01]) }).decision).toBe('kept');
    },
  );
});

it('never serves the baseline in place of a champion that measured better than it', () => {
  const leads = fc.tuple(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  const ofAll = fc.record({
    'count-365': leads,
    'decayed-count': leads,
    'space-time-kde': leads,
    champion: leads,
  });
  fc.assert(
    fc.property(ofAll, leads, fc.boolean(), (all, own, isSame) => {
      const { decision } = decide(evaluationOf(all), { champion: champion(isSame, own) });
      if (decision === 'baseline') expect(own[0]).toBeLessThan(0);
    }),
  );
});
