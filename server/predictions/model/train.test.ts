import { describe, expect, it } from 'vitest';
import { simulateCity } from '../../demo/self-exciting-city.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import { timelineOf } from '../features/timeline.ts';
import type { Artefact, History, Trained } from '../forecast.ts';
import { createHistoryBuilder } from '../history-builder.ts';
import { artefactOf, modelOf } from './read-artefact.ts';
import { weeksOfTest } from './test-weeks.ts';
import { train } from './train.ts';

const WEEK_MS = 7 * 86_400_000;
const SERIES = { placeKind: 'cell-9', category: 'all' } as const;
const FROM = new Date('2024-01-01T00:00:00Z');
const after = (weeks: number) => new Date(FROM.getTime() + weeks * WEEK_MS);

/** A small city's first weeks. */
function historyOf(weeks: number): History {
  const { cells, incidents } = simulateCity(
    {
      centre: { lat: 59.33, lon: 18.07 },
      resolution: 9,
      rings: 2,
      backgroundPerDay: 6,
      offspring: 0.35,
      meanDelayDays: 4,
      from: FROM,
      days: weeks * 7,
    },
    seededRandom(11),
  );
  const builder = createHistoryBuilder('cell-9', 'UTC', []);
  for (const { cell, atMs } of incidents) {
    const { lat, lon } = cells[cell]!;
    const at = { occurredAtMs: atMs, knownAtMs: atMs, lat, lon };
    builder.add({ type: 'theft', ...at, region: '01', municipality: '0180', isPoint: true });
  }
  return builder.build();
}

function trainAt(weeks: number, champion?: { readonly artefact: Artefact; readonly cutOff: Date }): Trained {
  const answer = train(historyOf(weeks), SERIES, after(weeks), champion, () => {});
  if ('tooLittle' in answer) throw new Error(answer.tooLittle);
  return answer;
}

describe('the weeks of a test', () => {
  const weeksAt = (known: number, champion?: Parameters<typeof weeksOfTest>[2]) =>
    weeksOfTest(timelineOf(historyOf(known), SERIES), after(known).getTime(), champion);

  it.each([
    [48, 8],
    [55, 15],
    [90, 26],
    [112, 34],
    [200, 52],
  ])('of %i that are known are as many as leave enough to learn from: %i or so', (known, count) => {
    const weeks = weeksAt(known);
    if ('tooLittle' in weeks) throw new Error(weeks.tooLittle);
    expect(Math.abs(weeks.count - count)).toBeLessThanOrEqual(1);
  });

  it('are none where too few are known, which says what is needed and what there is', () => {
    expect(weeksAt(40)).toEqual({
      tooLittle: expect.stringMatching(
        /^It takes 46 weeks .* of which (39|40) are known, and 300 incidents/,
      ) as string,
    });
  });

  it('begin after the cut-off of a champion that was learnt in another way, once there are enough of them', () => {
    const of = (isSameProcedure: boolean, cutOffWeek: number) =>
      weeksAt(90, { isSameProcedure, cutOffMs: after(cutOffWeek).getTime() });
    const whole = weeksAt(90);
    expect(of(false, 80)).toMatchObject({ count: 9 });
    expect(of(false, 85)).toEqual({ ...whole, championFrom: undefined });
    expect(of(true, 85)).toEqual({ ...whole, championFrom: undefined });
    // One that was learnt in the same way is tested in the weeks that it did not know, and shortens nothing.
    expect(of(true, 80)).toMatchObject({ ...whole, championFrom: expect.any(Number) as number });
    expect(of(true, 50)).toMatchObject({ ...whole, championFrom: (whole as { first: number }).first });
  });
});

describe('training with a champion', () => {
  it('tells one that was learnt in the same way, and tests it once weeks enough have passed', () => {
    const first = trainAt(47);
    expect(first.champion).toBeUndefined();
    expect(first.evaluation.origins).toBeLessThan(10);

    const champion = { artefact: first.artefact, cutOff: first.cutOff };
    const young = trainAt(49, champion);
    expect(young.champion).toEqual({ isSameProcedure: true, overCount365: undefined });
    expect(young.evaluation.rivals.champion).toBeUndefined();

    const old = trainAt(57, champion);
    expect(old.champion).toMatchObject({
      isSameProcedure: true,
      overCount365: { value: expect.any(Number) as number },
    });
    // The twin knew less than the champion: they are not compared.
    expect(old.evaluation.origins).toBeGreaterThan(12);
    expect(old.evaluation.rivals.champion).toBeUndefined();

    const artefact = artefactOf(SERIES, { ...modelOf(first.artefact), procedure: 'another' });
    const other = trainAt(57, { ...champion, artefact });
    expect(other.champion).toMatchObject({ isSameProcedure: false });
    expect(other.evaluation.rivals.champion).toBeDefined();
    expect(other.evaluation.origins).toBeLessThan(10);
  });
});
