import { expect, it } from 'vitest';
import { measuresOf } from './measures.ts';
import { SERIES } from './testing/series-samples.ts';

it('says how much was found as a share, beside the baseline, and what of it is sure', () => {
  const measures = measuresOf(SERIES.promoted.champion.evaluation!);
  expect(measures[0]).toMatchObject({ name: 'found', percent: 1, better: 'model' });
  expect(measures[0]?.model.value).toBeCloseTo(0.24);
  expect(measures[0]?.model.lower).toBeCloseTo(0.23);
  expect(measures[0]?.baseline?.value).toBeCloseTo(0.2);
  expect(measures.map(({ better }) => better)).toEqual(['model', 'unsure', 'baseline', 'model', undefined]);
  const lost = measuresOf(SERIES.kept.latest!.evaluation!);
  expect(lost.find(({ name }) => name === 'deviance')?.better).toBe('baseline');
  const alone = measuresOf({ ...SERIES.promoted.champion.evaluation!, rivals: {}, differences: [] });
  expect(alone.map(({ baseline, better }) => [baseline, better])).toEqual(
    alone.map(() => [undefined, undefined]),
  );
});
