import { describe, expect, it } from 'vitest';
import { groupReports } from '../../../server/reports/groups.ts';
import { generate, SETTINGS } from './generate.ts';
import { agreement } from './measures.ts';

describe('the measures', () => {
  it('are those of a small case counted by hand', () => {
    // Events {1, 2, 3} and {4, 5}; found {1, 2}, {3, 4}, {5}.
    const reports = [
      { event: 1, group: 1 },
      { event: 1, group: 1 },
      { event: 1, group: 2 },
      { event: 2, group: 2 },
      { event: 2, group: 3 },
    ];
    const { precision, recall, bCubedF1 } = agreement(reports);
    expect([precision, recall]).toEqual([1 / 2, 1 / 4]);
    const [pure, whole] = [4 / 5, (2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5];
    expect(bCubedF1).toBeCloseTo((2 * pure * whole) / (pure + whole), 12);
  });
});

describe('generated reports', () => {
  const [dense] = SETTINGS;

  it('are the same for a seed, others for another, and three in ten repeat an event', () => {
    const reports = generate(dense!, 7);
    expect(generate(dense!, 7)).toEqual(reports);
    expect(generate(dense!, 8)).not.toEqual(reports);
    const events = new Set(reports.map(({ event }) => event)).size;
    expect(1 - events / reports.length).toBeCloseTo(0.3, 1);
  });

  it.each(SETTINGS)('of the $name setting are linked as well as was promised', (setting) => {
    const labelled = groupReports(generate(setting, 7)).flatMap(({ members }, group) =>
      members.map(({ event }) => ({ event, group })),
    );
    const { precision, recall, bCubedF1 } = agreement(labelled);
    expect(precision).toBeGreaterThanOrEqual(0.95);
    expect(recall).toBeGreaterThanOrEqual(0.8);
    expect(bCubedF1).toBeGreaterThanOrEqual(0.9);
  });
});
