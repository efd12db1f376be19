import { expect, it } from 'vitest';
import { silentFleet } from './silent-fleet.ts';

type Device = Parameters<typeof silentFleet>[0][number];
const HOUR_S = 3_600;

const devices = (n: number, state: Device['state'], ageSeconds: number, given: Partial<Device> = {}) =>
  Array.from({ length: n }, (): Device => ({
    ...{ state, knownBy: 'device' },
    user: { id: 'u', email: null, displayName: 'U', role: 'reporter' },
    contact: { lastAt: null, ageSeconds, dueSeconds: 28, instances: [] },
    ...given,
  }));
const CONSOLE: Partial<Device> = {
  knownBy: 'session',
  user: { id: 'o', email: null, displayName: 'O', role: 'operator' },
};

it.each<[string, readonly Device[], ReturnType<typeof silentFleet>]>([
  ['nobody is known', [], undefined],
  ['all are there', devices(9, 'live', 3), undefined],
  ['half of them are silent', [...devices(5, 'live', 3), ...devices(5, 'offline', 60)], undefined],
  [
    'more than half of those of this hour are silent',
    [...devices(4, 'behind', 3), ...devices(5, 'offline', 60)],
    { silent: 5, of: 9 },
  ],
  [
    'those that were put away before do not count, as long as somebody is there',
    [...devices(3, 'live', 3), ...devices(80, 'offline', 9 * HOUR_S)],
    undefined,
  ],
  ['every one is, since long ago', devices(12, 'offline', 30 * HOUR_S), { silent: 12, of: 12 }],
  [
    'every one is but the console of who asks',
    [...devices(6, 'offline', 30 * HOUR_S), ...devices(1, 'live', 1, CONSOLE)],
    { silent: 6, of: 6 },
  ],
  ['a few have closed the app', devices(4, 'offline', 60), undefined],
  ['their sessions have ended', devices(40, 'revoked', 60), undefined],
])('most devices are silent or not: %s', (_, fleet, expected) => {
  expect(silentFleet(fleet)).toEqual(expected);
});
