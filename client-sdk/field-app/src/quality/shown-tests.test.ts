import { describe, expect, it } from 'vitest';
import { measuresOf } from './measures.ts';
import { testsOf } from './shown-tests.ts';
import { SERIES } from './testing/series-samples.ts';

describe('the tests that are shown', () => {
  it('are that of who speaks, and that of the model which lost where the baseline speaks', () => {
    const { promoted, pinned, kept, untested } = SERIES;
    const own = (series: typeof promoted) => {
      return [{ of: 'own', at: series.champion.trainedAt, evaluation: series.champion.evaluation }];
    };
    expect(testsOf(promoted)).toEqual(own(promoted));
    expect(testsOf(pinned)).toEqual(own(pinned));
    const { trainedAt, evaluation } = kept.latest!;
    expect(testsOf(kept)).toEqual([{ of: 'unused', at: trainedAt, evaluation }]);
    expect(testsOf(untested)).toEqual([]);
    expect(testsOf(SERIES.failed)).toEqual([]);
  });

  it('begin with how who speaks fared beside the newest model, with its date, and no difference that is the other one’s', () => {
    const { aged } = SERIES;
    const [since, own] = testsOf(aged);
    expect(since).toMatchObject({ of: 'since', at: aged.latest!.trainedAt });
    expect(own).toMatchObject({ of: 'own', at: aged.champion.trainedAt });
    expect(Object.keys(since!.evaluation.rivals)).toEqual(['count-365', 'decayed-count']);
    const [found, ...others] = measuresOf(since!.evaluation);
    expect([found?.model.value, found?.baseline?.value]).toEqual([0.3, 0.2]);
    expect([found, ...others].map((measured) => measured?.better)).toEqual(Array(5).fill(undefined));
  });

  it('leave out a test in which the rival was another model: who speaks began to do so later', () => {
    const { aged } = SERIES;
    expect(testsOf({ ...aged, since: '2026-11-26T02:00:00.000Z' }).map(({ of }) => of)).toEqual(['own']);
  });
});
