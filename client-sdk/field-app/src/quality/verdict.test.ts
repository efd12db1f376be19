import { describe, expect, it } from 'vitest';
import { SERIES } from './testing/series-samples.ts';
import { byPlaceKind, reasonOf, verdictOf } from './verdict.ts';
import type { SeriesAnswer } from './verdict.ts';

describe('what a series comes to', () => {
  it('says who speaks and why, and never that a model is good which has not proved it', () => {
    const { promoted, pinned, kept, untested } = SERIES;
    expect([promoted, pinned, kept, untested].map(verdictOf)).toEqual([
      'model',
      'pinned',
      'baseline_kept',
      'untested',
    ]);
    expect([promoted, pinned, kept, untested].map((series) => reasonOf(series)?.text)).toEqual([
      'It beats every baseline.',
      'It does not beat it.',
      'It does not beat it.',
      'Too few.',
    ]);
  });

  it('says of no model that it lost which did not: its file is damaged, or an operator was against it', () => {
    const { fallenBack, rolledBack, held, failed, lostToOther } = SERIES;
    expect([fallenBack, rolledBack, held, failed, lostToOther].map(verdictOf)).toEqual([
      'unusable',
      'baseline_chosen',
      'baseline_chosen',
      'failed',
      'other_better',
    ]);
    expect(reasonOf(fallenBack)).toMatchObject({
      of: 'newest',
      passed: true,
      unusableSince: fallenBack.latest!.unusable!.at,
    });
    expect(reasonOf(rolledBack)).toMatchObject({ passed: true, unusableSince: undefined });
    expect(reasonOf(lostToOther)).toMatchObject({ passed: false });
  });

  it('knows of a damaged model that is not the newest, and of a pin that has ended, by the cause', () => {
    const kept = SERIES.aged.latest;
    const of = (cause: SeriesAnswer['cause']) => verdictOf({ ...SERIES.fallenBack, latest: kept, cause });
    expect([of('fall_back'), of('roll_back'), of('unpin')]).toEqual([
      'unusable',
      'baseline_chosen',
      'baseline_chosen',
    ]);
  });

  it('says that a model lost when it did after all that, and tells what it can where a server names no cause', () => {
    const lostSince = { ...SERIES.kept, since: '2026-11-20T11:00:00.000Z' };
    for (const cause of ['fall_back', 'roll_back', 'unpin'] as const) {
      expect(verdictOf({ ...lostSince, cause })).toBe('baseline_kept');
    }
    const unnamed = [SERIES.fallenBack, SERIES.rolledBack, SERIES.kept].map(({ cause: _, ...rest }) => rest);
    expect(unnamed.map(verdictOf)).toEqual(['unusable', 'baseline_chosen', 'baseline_kept']);
  });

  it('gives the reason of a run in which nothing could be trained, once that is the newest', () => {
    const champion = { ...SERIES.kept.champion, trainedAt: '2026-11-26T11:07:04.000Z' };
    expect(reasonOf({ ...SERIES.kept, champion })).toMatchObject({ of: 'champion', text: 'Too few.' });
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
