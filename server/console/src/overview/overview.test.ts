import { describe, expect, it } from 'vitest';
import { HISTORY_MAX_POINTS } from '@halo/shapes/protocol/sync-history.ts';
import type { HistoryPoint } from '@halo/shapes/protocol/sync-history.ts';
import { HOUR_MS, countByAge, countByHour, lastHours, mostFrequent } from './by-hour.ts';
import { devicesVerdict } from './devices-verdict.ts';
import { RANGES, RANGE_NAMES, historyPath, rangeOf, spansOf, stepsOf } from './history.ts';
import { lagNow } from './lag-now.ts';

const NOW = Date.UTC(2026, 2, 3, 12, 34);
describe('hours', () => {
  it('are the last 24, the newest under way, and hold what lies in them and nothing else', () => {
    const hours = lastHours(NOW);
    expect([hours.length, hours.at(-1)]).toEqual([24, Date.UTC(2026, 2, 3, 12)]);
    const counts = countByHour([NOW, NOW - HOUR_MS, NOW - HOUR_MS, NOW - 30 * HOUR_MS, NOW + HOUR_MS], hours);
    expect(counts.slice(-2)).toEqual([2, 1]);
    expect(counts.reduce((sum, n) => sum + n)).toBe(3);
  });
});

it('ages of outboxes fall between the bounds, each in one', () => {
  expect(countByAge([0, 59, 60, 599, 3_599, 86_399, 86_400, 9_999_999])).toEqual([2, 2, 1, 1, 2]);
});

it('devices are called live only where one is', () => {
  const none = { live: 0, behind: 0, stalled: 0, offline: 0, revoked: 3 };
  const stateOf = (counts: Partial<typeof none>) => devicesVerdict({ ...none, ...counts }).state;
  expect([stateOf({}), stateOf({ offline: 9 }), stateOf({ offline: 9, live: 1 })]).toEqual([
    ...[undefined, 'offline', 'live'],
  ]);
  expect([stateOf({ live: 9, behind: 1 }), stateOf({ behind: 9, stalled: 1 })]).toEqual([
    'behind',
    'stalled',
  ]);
});

it('what comes most often comes first, and no more than is wanted', () => {
  expect(mostFrequent(['a', 'b', 'b', 'c', 'b', 'c'], 2)).toEqual([
    ['b', 3],
    ['c', 2],
  ]);
});

describe('what has been', () => {
  const point = (at: string, verdict: HistoryPoint['verdict'] = 'well'): HistoryPoint => ({
    ...{ at, minutes: 1, verdict, retainedBytes: null },
    lag: { bytes: 0, seconds: 0, instance: null },
    devices: { live: 1, behind: 0, stalled: 0, offline: 0, revoked: 0 },
    outbox: { pending: 0, rejected: 0, stuckDevices: 0 },
    mutations: { applied: 0, rejected: 0 },
  });

  it('is asked for by the range that the address names, and by the usual one where it names none', () => {
    expect([rangeOf('7d'), rangeOf('8d'), rangeOf(undefined)]).toEqual(['7d', '6h', '6h']);
    for (const range of RANGE_NAMES) {
      const query = new URL(historyPath(range, NOW + 999), 'http://halo').searchParams;
      const [from, to] = [Date.parse(query.get('from')!), Date.parse(query.get('to')!)];
      const { spanMs, stepSeconds } = RANGES[range];
      expect([to, to - from, Number(query.get('step'))]).toEqual([NOW, spanMs, stepSeconds]);
      expect(spanMs / 1000 / stepSeconds + 2).toBeLessThanOrEqual(HISTORY_MAX_POINTS);
    }
    expect(historyPath('1h', NOW)).toBe(historyPath('1h', NOW + 59_999));
  });

  it('has a step for each time, also where nobody looked', () => {
    const { timesMs, points } = stepsOf({
      ...{ from: '2026-03-03T12:01:30.000Z', to: '2026-03-03T12:10:00.000Z', stepSeconds: 120 },
      points: [point('2026-03-03T12:00:00.000Z'), point('2026-03-03T12:06:00.000Z', 'replication_down')],
    });
    expect(timesMs.map((at) => new Date(at).toISOString().slice(11, 16))).toEqual([
      '12:00',
      '12:02',
      '12:04',
      '12:06',
      '12:08',
    ]);
    expect(points.map((each) => each?.verdict)).toEqual([
      'well',
      undefined,
      undefined,
      'replication_down',
      undefined,
    ]);
  });

  it('is joined where it stayed the same', () => {
    expect(spansOf([0, 10, 20, 30, 40], 10, ['a', 'a', undefined, 'a', 'b'])).toEqual([
      { fromMs: 0, toMs: 20, value: 'a' },
      { fromMs: 20, toMs: 30, value: undefined },
      { fromMs: 30, toMs: 40, value: 'a' },
      { fromMs: 40, toMs: 50, value: 'b' },
    ]);
  });

  it('has no lag now where one instance does not know it, and leaves out those that have stopped', () => {
    const now = (...lags: (number | null)[]) =>
      lagNow({
        instances: lags.map((lagSeconds, n) => ({ id: `${n}`, state: 'live', lagBytes: 0, lagSeconds })),
      });
    expect([now(1, 7), now(1, null), now()]).toEqual([7, null, null]);
  });
});
