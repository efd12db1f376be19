import { expect, it } from 'vitest';
import { knowledgeAt } from '../features/knowledge.ts';
import { timelineOf } from '../features/timeline.ts';
import { createHistoryBuilder } from '../history-builder.ts';
import { baselineView } from './baselines.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-03-02T00:00:00Z');

/** What a baseline expects of a week of incidents so many days ago, all in one cell; others come after the cut-off elsewhere. */
function ofWeek(
  agesDays: readonly number[],
  settings: Parameters<typeof baselineView>[2],
  later: readonly number[] = [],
): number {
  const builder = createHistoryBuilder('cell-9', 'UTC', []);
  for (const age of [...agesDays, ...later]) {
    const atMs = NOW_MS - age * DAY_MS;
    builder.add({
      type: 'theft',
      occurredAtMs: atMs,
      knownAtMs: atMs,
      lat: age < 0 ? 59.333 : 59.33,
      lon: 18.07,
      region: '01',
      municipality: '0180',
      isPoint: true,
    });
  }
  const timeline = timelineOf(builder.build(), { placeKind: 'cell-9', category: 'all' });
  return baselineView(timeline, knowledgeAt(timeline, NOW_MS)!, settings).ofWeek[0]!;
}

const DAILY_FOR_YEARS = Array.from({ length: 900 }, (_, day) => day + 0.5);

it.each([
  { evenShare: 0.05 },
  { evenShare: 0.05, halfLifeDays: 240 },
  { evenShare: 0.05, halfLifeDays: 60, bandwidthM: 150 },
])('expects as many in a week as came a week: %o', (settings) =>
  expect(ofWeek(DAILY_FOR_YEARS, settings)).toBeCloseTo(7, 0),
);

it.each([{ evenShare: 0.15 }, { evenShare: 0.15, halfLifeDays: 60, bandwidthM: 500 }])(
  'gives nothing to a cell of which nothing was known yet: %o',
  (settings) => expect(ofWeek(DAILY_FOR_YEARS, settings, [-3])).toBe(ofWeek(DAILY_FOR_YEARS, settings)),
);

it('does not take a first incident for one a day', () => {
  expect(ofWeek([40], { evenShare: 0.05 })).toBeCloseTo(0.25);
});

it('counts nothing over a year old, where nothing decays', () => {
  expect(ofWeek([0, 400], { evenShare: 0.05 })).toBeCloseTo(7 / 365, 2);
});
