import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../platform/seeded-random.ts';
import { knowledgeAt } from '../features/knowledge.ts';
import { timelineOf } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { createHistoryBuilder } from '../history-builder.ts';
import { windowAt } from '../windows.ts';
import { baselineChoices, baselineView } from './baselines.ts';
import type { BaselineSettings } from './baselines.ts';
import { chooseBaselines, spacingOf, weekCounts, weekDeviance } from './choose-baselines.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-03-02T00:00:00Z');
const DAYS = 300;

/** Six incidents a day, most of them about one spot, which moves north. */
function timelineFrom(seed: number) {
  const random = seededRandom(seed);
  const builder = createHistoryBuilder('cell-9', 'UTC', []);
  for (let n = 0; n < DAYS * 6; n++) {
    const atMs = NOW_MS - DAYS * DAY_MS + (n + random()) * (DAY_MS / 6);
    builder.add({
      type: 'theft',
      occurredAtMs: atMs,
      knownAtMs: atMs,
      lat: 59.33 + random() ** 3 * 0.02 + (n / DAYS) * 0.001,
      lon: 18.07 + random() ** 3 * 0.04,
      region: '01',
      municipality: '0180',
      isPoint: true,
    });
  }
  return timelineOf(builder.build(), { placeKind: 'cell-9', category: 'all' });
}

describe('the settings of baselines', () => {
  it.each([1, 2])('are those of the least deviance, each looked at by itself (seed %i)', (seed) => {
    const timeline = timelineFrom(seed);
    const end = windowAt(knowledgeAt(timeline, NOW_MS)!.frontierMs);
    const weeks = Array.from({ length: 4 }, (_, n) => end - (4 - n) * WINDOWS_AHEAD);
    const devianceOf = (settings: BaselineSettings) =>
      weeks.reduce((sum, first) => {
        const cutOffMs = timeline.windows.startOf(first).getTime();
        const { ofWeek } = baselineView(timeline, knowledgeAt(timeline, cutOffMs)!, settings);
        return sum + weekDeviance(timeline, cutOffMs, ofWeek, weekCounts(timeline, first, NOW_MS));
      }, 0);
    const chosen = chooseBaselines(timeline, weeks, NOW_MS);
    const choices = baselineChoices(spacingOf(timeline));
    for (const name of ['count-365', 'decayed-count', 'space-time-kde'] as const) {
      const [best] = choices[name].toSorted((a, b) => devianceOf(a) - devianceOf(b));
      expect([name, chosen[name]]).toEqual([name, best]);
    }
  });
});
