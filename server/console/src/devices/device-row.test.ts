import { describe, expect, it } from 'vitest';
import { DEVICE_SORTS, isWanted, regionsOf, toldRow, withJudged, withLive } from './device-row.ts';
import type { DeviceRow } from './device-row.ts';
import { sorted } from '../ui/sorting.ts';

const device = (changes: Partial<DeviceRow> = {}): DeviceRow => ({
  id: '01936d2a-0000-7000-8000-0000000000e1',
  knownBy: 'device',
  userId: 'u',
  userName: 'Kim',
  email: 'kim@halo.example',
  appVersion: '0.1.0',
  state: 'live',
  reason: { text: '', textSv: '' },
  sinceMs: 1,
  lastAtMs: 2,
  pending: 0,
  rejected: 0,
  oldestSeconds: null,
  behindBytes: 0,
  errorCode: null,
  isLongSilent: false,
  regions: ['01'],
  ...changes,
});
const row = { app_version: '0.2.0', pending: 3, rejected: null, error_code: 'quota', silent_since: null };

describe('a device of the list', () => {
  it('takes from the shape what it says now, and is not judged by it but for its silence', () => {
    const behind = device({ state: 'behind' });
    expect(withLive(behind, row)).toMatchObject({
      state: 'behind',
      appVersion: '0.2.0',
      pending: 3,
      rejected: 0,
    });
    expect(withLive(behind, { ...row, silent_since: 77 })).toMatchObject({ state: 'offline', sinceMs: 77 });
    expect(withLive(device({ state: 'revoked' }), { ...row, silent_since: 77 }).state).toBe('revoked');
    expect(withLive(behind, undefined)).toBe(behind);
  });

  it('is heard again as soon as the shape no longer says that it is silent, and not where that had not been said yet', () => {
    const gone = device({
      state: 'offline',
      isLongSilent: true,
      sinceMs: 77,
      reason: { text: 'Silent.', textSv: 'Tyst.' },
    });
    expect(withLive(gone, { ...row, silent_since: 77 }).state).toBe('offline');
    expect(withLive(gone, row)).toMatchObject({
      state: 'heard',
      sinceMs: null,
      reason: { text: '', textSv: '' },
    });
    expect(withLive({ ...gone, isLongSilent: false }, row).state).toBe('offline');
    expect(withLive(device({ state: 'revoked', isLongSilent: true }), row).state).toBe('revoked');
  });

  it('is there as soon as the shape has told of it, and not judged before the server was asked', () => {
    const told = { id: 'a', user_id: 'u', known_by: 'session', ...row };
    expect(toldRow(told)).toMatchObject({ id: 'a', knownBy: 'session', state: 'heard', userName: null });
    expect(toldRow({ ...told, silent_since: 5 })).toMatchObject({ state: 'offline', sinceMs: 5 });
  });

  it('that needed a look and is not told to any more is not said to need one', () => {
    const read = new Map([
      ['a', device({ id: 'a', state: 'stalled' })],
      ['b', device({ id: 'b', state: 'live' })],
      ['c', device({ id: 'c', state: 'offline' })],
    ]);
    const after = withJudged(read, [
      device({ id: 'b', state: 'behind' }),
      device({ id: 'd', state: 'stalled' }),
    ]);
    expect([...after.values()].map(({ id, state }) => `${id} ${state}`)).toEqual([
      ...['a heard', 'b behind', 'c offline', 'd stalled'],
    ]);
  });

  it('is found by each filter alone and by all together', () => {
    const none = { state: undefined, version: undefined, region: undefined, user: undefined, q: undefined };
    expect(isWanted(device(), none)).toBe(true);
    expect(isWanted(device(), { ...none, q: 'KIM@' })).toBe(true);
    expect(isWanted(device(), { ...none, q: '0000e1', state: 'live', version: '0.1.0', region: '01' })).toBe(
      true,
    );
    for (const miss of [
      { state: 'stalled' },
      { version: '9' },
      { region: '12' },
      { user: 'v' },
      { q: 'lee' },
    ])
      expect(isWanted(device(), { ...none, ...miss })).toBe(false);
  });

  it('that needs a look comes first', () => {
    const states = (['revoked', 'live', 'offline', 'behind', 'stalled'] as const).map((state) =>
      device({ state }),
    );
    expect(sorted(states, DEVICE_SORTS['state']!, false).map(({ state }) => state)).toEqual([
      ...['stalled', 'behind', 'offline', 'live', 'revoked'],
    ]);
  });

  it('follows the regions that its shapes name, each once', () => {
    expect(
      regionsOf(['areas', 'incidents?region=12', 'predictions?region=01', 'comments?region=12']),
    ).toEqual(['01', '12']);
  });
});
