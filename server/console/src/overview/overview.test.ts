import { describe, expect, it } from 'vitest';
import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { HOUR_MS, countByAge, countByHour, lastHours } from './by-hour.ts';
import { History } from './history.ts';

const NOW = Date.UTC(2026, 2, 3, 12, 34);
const overview = (second: number, lags: readonly (number | null)[]): Overview => ({
  at: new Date(NOW + second * 1000).toISOString(),
  verdict: 'well',
  findings: [],
  devices: { live: 1, behind: 0, stalled: 0, offline: 0, revoked: 0 },
  outbox: { pending: 0, rejected: 0, stuckDevices: 0 },
  mutations: { appliedLastHour: 0, rejectedLastHour: 0 },
  instances: lags.map((lagSeconds, n) => ({ id: `${n}`, state: 'live', lagBytes: 0, lagSeconds })),
  feeds: [],
});

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

describe('what this window has seen', () => {
  it('keeps each look once, with the lag of the instance that is furthest behind', () => {
    const history = new History();
    for (const look of [overview(0, [1, 7]), overview(0, [1, 7]), overview(5, [2])]) history.add(look);
    expect(history.read().map(({ lagSeconds }) => lagSeconds)).toEqual([7, 2]);
  });

  it('does not know the lag where one instance does not', () => {
    const history = new History();
    history.add(overview(0, [1, null]));
    history.add(overview(5, []));
    expect(history.read().map(({ lagSeconds }) => lagSeconds)).toEqual([undefined, undefined]);
  });

  it('keeps an hour and no more', () => {
    const history = new History();
    for (let n = 0; n < 1_000; n += 1) history.add(overview(n * 5, [0]));
    expect(history.read()).toHaveLength(720);
  });
});
