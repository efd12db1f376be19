import { describe, expect, it } from 'vitest';
import { HISTORY_MAX_POINTS } from '@halo/shapes/protocol/sync-history.ts';
import type { FleetView } from './fleet.ts';
import type { InstanceView } from './instances.ts';
import { inSteps, lookAt, shortestStep, stepsBetween } from './sync-history.ts';
import type { Minute } from './sync-history.ts';
import { sinceOf } from './verdict-since.ts';

const MINUTE_MS = 60_000;
const NOON = Date.UTC(2026, 2, 3, 12);
const minute = (n: number, given: Partial<Minute> = {}): Minute => ({
  atMs: NOON + n * MINUTE_MS,
  verdict: 'well',
  lag: { bytes: 0, seconds: 0, instance: null },
  retainedBytes: 100,
  devices: { live: 5, behind: 0, stalled: 0, offline: 0, revoked: 0 },
  outbox: { pending: 0, rejected: 0, stuckDevices: 0 },
  mutations: { applied: 1, rejected: 0 },
  ...given,
});
const instance = (id: string, lagMs: number | null, given: Partial<InstanceView> = {}): InstanceView => ({
  ...{ id, self: false, host: null, state: 'live', upstream: false, reportedAge: 0, lagMs },
  ...{ lagBytes: lagMs === null ? null : lagMs * 2, report: null, ...given },
});
const fleet = { devices: [], counts: minute(0).devices, truncated: false } as FleetView;
const look = (instances: readonly InstanceView[]) => lookAt({ fleet, instances, feeds: [], alerts: [] });

describe('steps', () => {
  it('of one minute are the minutes', () => {
    const points = inSteps([minute(0), minute(1)], 60);
    expect(points.map(({ at, minutes }) => [at, minutes])).toEqual([
      ['2026-03-03T12:00:00.000Z', 1],
      ['2026-03-03T12:01:00.000Z', 1],
    ]);
  });

  it('begin at whole ones, and those of which nothing is known are left out', () => {
    const points = inSteps([minute(-1), minute(3), minute(31)], 600);
    expect(points.map(({ at, minutes }) => [at.slice(11, 16), minutes])).toEqual([
      ['11:50', 1],
      ['12:00', 1],
      ['12:30', 1],
    ]);
  });

  it('say the worst of their minutes: one bad minute is not lost in an hour', () => {
    const bad = minute(17, {
      verdict: 'replication_down',
      lag: { bytes: null, seconds: 42, instance: 'b' },
      devices: { live: 2, behind: 1, stalled: 2, offline: 0, revoked: 0 },
      outbox: { pending: 9, rejected: 1, stuckDevices: 2 },
      mutations: { applied: 0, rejected: 3 },
    });
    const hour = Array.from({ length: 60 }, (_, n) => minute(n));
    hour[17] = bad;
    hour[40] = minute(40, { lag: { bytes: 7, seconds: 3, instance: 'a' }, retainedBytes: 900 });
    expect(inSteps(hour, 3_600)).toEqual([
      {
        ...{ at: '2026-03-03T12:00:00.000Z', minutes: 60, verdict: 'replication_down', retainedBytes: 900 },
        lag: { bytes: 7, seconds: 42, instance: 'b' },
        ...{ devices: bad.devices, outbox: bad.outbox, mutations: { applied: 59, rejected: 3 } },
      },
    ]);
  });

  it('show devices of one moment: their states add up', () => {
    const devices = (stalled: number, behind: number, offline: number) =>
      minute(0, { devices: { live: 9 - stalled - behind - offline, behind, stalled, offline, revoked: 0 } });
    const of = (...minutes: Minute[]) => inSteps(minutes, 60)[0]!.devices;
    expect(of(devices(1, 0, 0), devices(0, 8, 0), devices(0, 0, 9))).toMatchObject({ stalled: 1, behind: 0 });
    expect(of(devices(0, 0, 9), devices(0, 1, 0))).toMatchObject({ behind: 1, offline: 0 });
    expect(of(devices(0, 1, 0), devices(0, 1, 3))).toMatchObject({ behind: 1, offline: 3 });
  });

  it('say of what a newer version wrote that it needs a look, and no more', () => {
    const newer = minute(1, { verdict: 'of_next_year' as Minute['verdict'] });
    const verdictsOf = (...minutes: Minute[]) => inSteps(minutes, 3_600).map(({ verdict }) => verdict);
    expect(verdictsOf(minute(0), newer)).toEqual(['needs_a_look']);
    expect(verdictsOf(newer, minute(2, { verdict: 'replication_behind' }))).toEqual(['replication_behind']);
  });

  it('do not know a lag that nobody knew', () => {
    const unknown = minute(0, { lag: { bytes: null, seconds: null, instance: null }, retainedBytes: null });
    expect(inSteps([unknown, { ...unknown, atMs: NOON + MINUTE_MS }], 3_600)[0]).toMatchObject({
      lag: { bytes: null, seconds: null, instance: null },
      retainedBytes: null,
    });
  });

  it('are so long that an answer has no more points than it may, wherever it begins', () => {
    for (const days of [0.01, 0.5, 0.51, 1, 7, 13.99, 20_000])
      for (const off of [0, 1, 59_999, 1_234_567]) {
        const [from, to] = [NOON + off - days * 86_400_000, NOON + off];
        const step = shortestStep(from, to);
        expect(step % 60).toBe(0);
        expect(stepsBetween(from, to, step)).toBeLessThanOrEqual(HISTORY_MAX_POINTS);
      }
    expect(shortestStep(NOON - 6 * 3_600_000, NOON)).toBe(60);
  });
});

describe('a look', () => {
  it('has the lag of the instance furthest behind, and says which', () => {
    const { lag, verdict } = look([instance('a', 10), instance('b', 4_500, { state: 'behind' })]);
    expect([lag, verdict]).toEqual([{ bytes: 9_000, seconds: 4.5, instance: 'b' }, 'replication_behind']);
  });

  it('does not know the lag where one instance does not, and leaves out those that have stopped', () => {
    expect(look([instance('a', 10), instance('b', null)]).lag).toEqual({
      ...{ bytes: null, seconds: null, instance: 'b' },
    });
    expect(look([instance('a', 0), instance('b', 9_999, { state: 'gone' })]).lag).toEqual({
      ...{ bytes: 0, seconds: 0, instance: null },
    });
    expect(look([]).lag).toEqual({ bytes: null, seconds: null, instance: null });
  });
});

it('a verdict holds since it was first written down without a gap, or since now, or nobody knows', () => {
  const [now, since] = [new Date(NOON), new Date(NOON - 7_200_000)];
  expect(sinceOf('well', { verdict: 'well', since }, now)).toBe(since);
  expect(sinceOf('replication_down', { verdict: 'well', since }, now)).toBe(now);
  expect(sinceOf('well', undefined, now)).toBeNull();
});
