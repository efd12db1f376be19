import { expect, it } from 'vitest';
import { silentFleet } from './silent-fleet.ts';

type Device = Parameters<typeof silentFleet>[0][number];
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DUE_S = 28;

const device = (state: Device['state'], ageSeconds: number, given: Partial<Device> = {}): Device => ({
  ...{ state, knownBy: 'device' },
  user: { id: 'u', email: null, displayName: 'U', role: 'reporter' },
  contact: { lastAt: null, ageSeconds, dueSeconds: DUE_S, instances: [] },
  ...given,
});
const devices = (n: number, state: Device['state'], ageSeconds: number, given: Partial<Device> = {}) =>
  Array.from({ length: n }, () => device(state, ageSeconds, given));
/** Heard last so long ago, in seconds: silent where it was due since. */
const heard = (ageSeconds: number) => device(ageSeconds > DUE_S ? 'offline' : 'live', ageSeconds);
/** One that closes the app each so many seconds, from so many seconds ago on. */
const oneByOne = (n: number, everyS: number, fromS: number) =>
  Array.from({ length: n }, (_, i) => heard(fromS + i * everyS));

const CONSOLE: Partial<Device> = {
  knownBy: 'session',
  user: { id: 'o', email: null, displayName: 'O', role: 'operator' },
};
/** A proxy that dies so long ago: each of those that were there was heard last within half a minute before. */
const cutOff = (n: number, agoS: number) => oneByOne(n, DUE_S / n, agoS);

it.each<[string, readonly Device[], ReturnType<typeof silentFleet>]>([
  ['nobody is known', [], undefined],
  ['all are there', devices(9, 'live', 3), undefined],
  ['half of them are silent', [...devices(5, 'live', 3), ...cutOff(5, 60)], undefined],
  [
    'more than half of those of this hour fell silent together',
    [...devices(4, 'behind', 3), ...cutOff(5, 60)],
    { silent: 5, of: 9 },
  ],
  ['one each minute comes for three: most of the hour are silent', oneByOne(60, MINUTE_S, 3), undefined],
  ['ten a minute do', oneByOne(600, 6, 3), undefined],
  [
    'a few people close the app in the evening, one after the other',
    oneByOne(7, 8 * MINUTE_S, 60),
    undefined,
  ],
  ['by night all have been silent for hours', devices(12, 'offline', 9 * HOUR_S), undefined],
  [
    'those that were put away before do not count',
    [...devices(3, 'live', 3), ...devices(80, 'offline', 9 * HOUR_S)],
    undefined,
  ],
  ['a proxy has died', cutOff(40, 60), { silent: 40, of: 40 }],
  [
    'a proxy has died half an hour ago, after some had left',
    [...cutOff(40, 30 * MINUTE_S), ...oneByOne(10, MINUTE_S, 40 * MINUTE_S)],
    { silent: 40, of: 50 },
  ],
  [
    'a proxy has died, and most came back since',
    [...cutOff(12, 10 * MINUTE_S), ...devices(28, 'live', 3)],
    undefined,
  ],
  [
    'a proxy has died by night, when five were there',
    [...cutOff(5, 5 * MINUTE_S), ...devices(80, 'offline', 9 * HOUR_S)],
    { silent: 5, of: 5 },
  ],
  [
    'every one fell silent but the console of who asks',
    [...cutOff(6, 60), ...devices(1, 'live', 1, CONSOLE)],
    { silent: 6, of: 6 },
  ],
  ['some are due on the stream of events', [...cutOff(3, 60), ...cutOff(3, 128)], { silent: 6, of: 6 }],
  ['a few have closed the app', cutOff(4, 60), undefined],
  ['their sessions have ended', devices(40, 'revoked', 60), undefined],
])('most devices fell silent together or not: %s', (_, fleet, expected) => {
  expect(silentFleet(fleet)).toEqual(expected);
});
