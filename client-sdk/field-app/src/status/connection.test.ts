import { describe, expect, it } from 'vitest';
import type { HaloStatus, StreamState } from '@halo/client';
import { comparisonWords, connectionOf, streamName } from './connection.ts';

const stream = (state: StreamState) => ({
  shape: 'areas',
  state,
  offset: '1_0',
  behindBytes: 0,
  lastContactAt: undefined,
  error: undefined,
  verification: undefined,
});
const LIVE: HaloStatus = {
  network: 'online',
  streams: [stream('live')],
  replica: { state: 'ready' },
  outbox: { pending: 0, rejected: 0 },
  behindBytes: 0,
  lastContactAt: undefined,
  error: undefined,
};
const say = (changes: Partial<HaloStatus>, loginNeeded = false) =>
  connectionOf({ ...LIVE, ...changes }, loginNeeded);

describe('connectionOf', () => {
  it('is live only when every stream is', () => {
    expect(say({})).toBe('live');
    for (const state of ['behind', 'stalled', 'refused', 'connecting'] as const) {
      expect(say({ streams: [stream('live'), stream(state)] })).toBe(state);
    }
  });

  it('tells apart what keeps it from being live, the most pressing first', () => {
    const error = { code: 'mutation_changed', message: '' };
    expect(say({ network: 'connecting' })).toBe('connecting');
    expect(say({ replica: { state: 'opening' } })).toBe('opening');
    expect(say({ replica: { state: 'unavailable' }, streams: [stream('stalled')] })).toBe('no_replica');
    expect(say({ error, replica: { state: 'unavailable' } })).toBe('refused');
    expect(say({ error, network: 'offline' })).toBe('offline');
    expect(say({ error, network: 'offline' }, true)).toBe('login');
  });
});

describe('the words about a stream', () => {
  it('name the county, and what this version does not know as it is', () => {
    const areaName = (code: string) => (code === '01' ? 'Stockholms län' : undefined);
    expect(streamName('incidents?region=01', areaName)).toBe('Incidents: Stockholms län');
    expect(streamName('incidents?region=99', areaName)).toBe('Incidents: 99');
    expect(streamName('a_later_shape', areaName)).toBe('a_later_shape');
  });

  it('say what came of the comparison, and never that it was equal when it was not made', () => {
    const compared = { shape: 'areas', offset: '1_0', rebuilt: false, at: new Date(0), error: undefined };
    const equal = { ...compared, outcome: 'equal' as const, device: 1234, server: 1234 };
    expect(comparisonWords(equal)).toBe('same as the server (1,234 rows)');
    expect(comparisonWords({ ...equal, outcome: 'different', server: 1 })).toContain('differed');
    const error = { code: 'not_read', message: '' };
    const none = { ...compared, outcome: 'not_compared' as const, device: undefined, server: undefined };
    expect(comparisonWords({ ...none, error })).toBe('not compared: Nothing of it has come yet.');
    expect(comparisonWords(undefined)).toBe('not yet');
  });
});
