import { describe, expect, it } from 'vitest';
import type { HaloStatus } from '@halo/client';
import { bannerState, deliveredBetween, needsLogin } from './banner-state.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const stream = {
  shape: 'areas',
  offset: '1_0',
  behindBytes: 0,
  lastContactAt: undefined,
  error: undefined,
  verification: undefined,
};
const LIVE: HaloStatus = {
  network: 'online',
  streams: [{ ...stream, state: 'live' }],
  replica: { state: 'ready' },
  outbox: { pending: 0, rejected: 0 },
  behindBytes: 0,
  lastContactAt: new Date(NOW),
  error: undefined,
};
const say = (changes: Partial<HaloStatus>, delivered = 0) =>
  bannerState({ ...LIVE, ...changes }, delivered, NOW);

describe('bannerState', () => {
  it('is calm only when everything is sent and every stream is live', () => {
    expect(say({})).toEqual({ tone: 'calm', text: 'Online. Everything is sent.' });
    expect(say({ streams: [...LIVE.streams, { ...stream, state: 'behind' }] }).tone).toBe('busy');
    const behind = say({ streams: [{ ...stream, state: 'behind' }], behindBytes: 12_345 });
    expect(behind.text).toBe('Fetching news… 12 kB behind.');
    expect(say({ network: 'connecting' }).text).toBe('Connecting…');
    expect(say({ replica: { state: 'opening' } }).tone).toBe('busy');
  });

  it('tells the network and how much waits', () => {
    expect(say({ network: 'offline' }).text).toBe('Offline. You can still report.');
    expect(say({ network: 'offline', outbox: { pending: 2, rejected: 1 } }).text).toBe(
      'Offline. 2 items wait safely.',
    );
    expect(say({ outbox: { pending: 1, rejected: 0 } }).text).toBe('Sending 1 item…');
  });

  it('never takes a silent connection for a live one', () => {
    const stalled = { ...stream, state: 'stalled' as const };
    const { tone, text } = say({ streams: [stalled], lastContactAt: new Date(NOW - 120_000) });
    expect(tone).toBe('offline');
    expect(text).toContain('2 min');
  });

  it('asks for a log-in before anything else, and names a refusal', () => {
    const error = { code: 'login_required', message: 'The session has ended.' };
    expect(needsLogin({ ...LIVE, error })).toBe(true);
    expect(say({ error, network: 'offline' }, 3).action).toBe('log_in');
    const refused = { code: 'mutation_changed', message: 'seq 3 was sent with other contents' };
    expect(say({ error: refused }).text).toContain('seq 3 was sent with other contents');
  });

  it('leads to what was rejected and says that incidents cannot be kept', () => {
    expect(say({ outbox: { pending: 0, rejected: 1 } }).action).toBe('queue');
    expect(say({ replica: { state: 'unavailable' } }).tone).toBe('attention');
    expect(say({}, 2).text).toBe('2 items delivered. Thank you.');
    expect(say({ outbox: { pending: 0, rejected: 1 } }, 2).tone).toBe('attention');
    expect(say({ network: 'offline', outbox: { pending: 1, rejected: 0 } }, 2).tone).toBe('offline');
  });
});

describe('deliveredBetween', () => {
  it('counts what left the queue and was not rejected', () => {
    const between = (before: [number, number], after: [number, number]) =>
      deliveredBetween(
        { pending: before[0], rejected: before[1] },
        { pending: after[0], rejected: after[1] },
      );
    expect(between([3, 0], [1, 0])).toBe(2);
    expect(between([3, 0], [0, 1])).toBe(2);
    expect(between([1, 0], [0, 1])).toBe(0);
    expect(between([0, 1], [1, 0])).toBe(0);
  });
});
