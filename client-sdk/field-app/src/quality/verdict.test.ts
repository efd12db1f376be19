import { describe, expect, it } from 'vitest';
import { SERIES } from './testing/series-samples.ts';
import { byPlaceKind, measuresOf, reasonOf, testOf, verdictOf } from './verdict.ts';

describe('what a series comes to', () => {
  it('says who speaks and why, and never that a model is good which has not proved it', () => {
    const { promoted, pinned, kept, untested } = SERIES;
    expect([promoted, pinned, kept, untested].map(verdictOf)).toEqual([
      'model',
      'pinned',
      'baseline_kept',
      'untested',
    ]);
    expect([promoted, pinned, kept, untested].map(reasonOf)).toEqual([
      'It beats every baseline.',
      'It does not beat it.',
      'It does not beat it.',
      'Too few.',
    ]);
  });

  it('shows the test of who speaks, and that of the model which lost where the baseline speaks', () => {
    expect(testOf(SERIES.promoted)).toBe(SERIES.promoted.champion.evaluation);
    expect(testOf(SERIES.pinned)).toBe(SERIES.pinned.champion.evaluation);
    expect(testOf(SERIES.kept)).toBe(SERIES.kept.latest?.evaluation);
    expect(testOf(SERIES.untested)).toBeUndefined();
  });

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

  it('puts all types together first, of each kind of place', () => {
    const fire = { ...SERIES.kept, category: 'fire' as const };
    const kinds = byPlaceKind([fire, SERIES.untested, SERIES.kept]);
    expect([...kinds].map(([kind, series]) => [kind, series.map(({ category }) => category)])).toEqual([
      ['cell-9', ['all', 'fire']],
      ['municipality', ['fire']],
    ]);
  });
});
