import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../platform/seeded-random.ts';
import { knowledgeAt } from '../features/knowledge.ts';
import { timelineOf } from '../features/timeline.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { createHistoryBuilder } from '../history-builder.ts';
import { windowAt } from '../windows.ts';
import { chooseBaselines } from './choose-baselines.ts';
import { UNTOLD, ownRecord } from './own-record.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-03-02T00:00:00Z');

interface Told {
  readonly days: number;
  /** Which of 20 cells an incident is in. */
  readonly cellAt?: (chance: number, ageDays: number) => number;
  readonly knownAtMs?: (occurredAtMs: number) => number;
}

/** Five incidents a day. */
function timelineFrom({
  days,
  cellAt = (chance) => chance * 20,
  knownAtMs = (atMs) => atMs,
}: Told): Timeline {
  const random = seededRandom(5);
  const builder = createHistoryBuilder('cell-9', 'UTC', []);
  for (let n = 0; n < days * 5; n++) {
    const atMs = NOW_MS - days * DAY_MS + (n + random()) * (DAY_MS / 5);
    const cell = Math.floor(cellAt(random(), (NOW_MS - atMs) / DAY_MS));
    builder.add({
      type: 'theft',
      occurredAtMs: atMs,
      knownAtMs: knownAtMs(atMs),
      lat: 59.33 + cell * 0.01,
      lon: 18.07,
      region: '01',
      municipality: '0180',
      isPoint: true,
    });
  }
  return timelineOf(builder.build(), { placeKind: 'cell-9', category: 'all' });
}

const recordOf = (timeline: Timeline, cutOffMs = NOW_MS) =>
  ownRecord(timeline, knowledgeAt(timeline, cutOffMs)!);

/** Most in few cells, so that an even share is too much. */
const crowded = (chance: number) => chance ** 4 * 20;

describe('the record of the count of 365 days', () => {
  it.each([
    ['evenly spread', undefined],
    ['crowded', crowded],
  ])('sets it as a test sets it in the same weeks: %s', (_, cellAt) => {
    const timeline = timelineFrom({ days: 300, ...(cellAt === undefined ? {} : { cellAt }) });
    const end = windowAt(knowledgeAt(timeline, NOW_MS)!.frontierMs);
    const weeks = Array.from({ length: 13 }, (__, n) => end - (n + 1) * WINDOWS_AHEAD);
    const record = recordOf(timeline);
    expect(record.weeks).toBe(13);
    expect(record.settings).toEqual(chooseBaselines(timeline, weeks, NOW_MS)['count-365']);
  });

  it('sets it by what is the case', () => {
    expect(recordOf(timelineFrom({ days: 300 })).settings.evenShare).toBe(0.15);
    expect(recordOf(timelineFrom({ days: 300, cellAt: crowded })).settings.evenShare).toBeLessThan(0.15);
  });

  it('tells of errors: next to none where all goes on as it was, large ones where places change', () => {
    const moved = (chance: number, age: number) => (age > 45 ? chance * 20 : chance ** 3 * 20);
    expect(recordOf(timelineFrom({ days: 300 })).spread).toBeLessThan(0.05);
    expect(recordOf(timelineFrom({ days: 300, cellAt: moved })).spread).toBeGreaterThan(0.3);
  });

  it('is stated, and wide, where the history is short', () => {
    expect(recordOf(timelineFrom({ days: 50 }))).toEqual(UNTOLD);
    expect(recordOf(timelineFrom({ days: 28 + 5 * 7 })).weeks).toBe(4);
  });

  it('tells nothing of weeks before a register was read in', () => {
    const yesterday = NOW_MS - DAY_MS;
    const readIn = timelineFrom({ days: 300, knownAtMs: (atMs) => Math.max(atMs, yesterday) });
    expect(recordOf(readIn)).toEqual(UNTOLD);
    const knownSome = timelineFrom({
      days: 300,
      knownAtMs: (atMs) => (Math.floor(atMs / 1000) % 10 === 0 ? atMs : Math.max(atMs, yesterday)),
    });
    expect(recordOf(knownSome)).toEqual(UNTOLD);
  });

  it('looks at nothing that became known after the cut-off', () => {
    const cutOffMs = NOW_MS - 20 * DAY_MS;
    const upset = (chance: number, age: number) => (age < 20 ? 0 : chance * 20);
    const late = (atMs: number) => (Math.floor(atMs / 1000) % 3 === 0 ? atMs + 60 * DAY_MS : atMs);
    const usual = recordOf(timelineFrom({ days: 300 }), cutOffMs);
    expect(recordOf(timelineFrom({ days: 300, cellAt: upset }), cutOffMs)).toEqual(usual);
    expect(recordOf(timelineFrom({ days: 300, knownAtMs: late }), cutOffMs)).not.toEqual(usual);
  });
});
