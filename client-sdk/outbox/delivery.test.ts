import { describe, expect, it } from 'vitest';
import { REFUSED_RETRY_MS } from '../sync/backoff.ts';
import { nextDelivery } from './delivery.ts';
import type { DeliveryEvent, DeliveryState, DeliveryStep } from './delivery.ts';

const ERROR = { code: 'mutation_changed', message: 'changed' };
const STATES: DeliveryState[] = [
  { at: 'idle' },
  { at: 'sending', failures: 2, again: false },
  { at: 'sending', failures: 0, again: true, error: ERROR },
  { at: 'waiting', failures: 3, asked: false },
  { at: 'refused', failures: 1, error: ERROR },
  { at: 'stopped' },
];
const EVENTS: DeliveryEvent[] = [
  { event: 'wanted' },
  { event: 'online' },
  { event: 'due' },
  { event: 'nothing_pending' },
  { event: 'answered', settled: 3 },
  { event: 'answered', settled: 0 },
  { event: 'unreachable', retryAfterMs: 0 },
  { event: 'refusal', error: ERROR },
  { event: 'stop' },
];
const PAIRS = STATES.flatMap((state) => EVENTS.map((event) => ({ state, event })));

const step = (state: DeliveryState, event: DeliveryEvent, random = 0.5): DeliveryStep =>
  nextDelivery(state, event, random);

describe('delivery, every state with every event', () => {
  it.each(PAIRS)('$state.at × $event.event keeps the rules', ({ state, event }) => {
    const { state: next, command } = step(state, event);
    // A batch is under way exactly when the machine says so: never two at once, never one forgotten.
    if (command.do === 'send') expect(next.at).toBe('sending');
    if (next.at === 'sending' && state.at !== 'sending') expect(command.do).toBe('send');
    // Each wait has a timer that ends it; nothing waits for ever but an empty queue.
    if (next.at === 'waiting' && state.at !== 'waiting') expect(command.do).toBe('wait');
    if (next.at === 'refused' && state.at !== 'refused') expect(command.do).toBe('wait');
    if (next.at === 'idle' && state.at !== 'idle') expect(event.event).toBe('nothing_pending');
    if (state.at === 'stopped') expect(next).toEqual(state);
    if (event.event === 'stop') expect(next).toEqual({ at: 'stopped' });
  });

  it.each(STATES.filter(({ at }) => at !== 'sending'))('an answer in state $at changes nothing', (state) => {
    for (const event of EVENTS.filter(({ event: name }) => name === 'answered' || name === 'unreachable')) {
      expect(step(state, event).state).toEqual(state);
    }
  });
});

describe('delivery', () => {
  it('looks again when news came while it found nothing', () => {
    const sending = step({ at: 'idle' }, { event: 'wanted' }).state;
    const told = step(sending, { event: 'wanted' }).state;
    expect(step(told, { event: 'nothing_pending' }).command).toEqual({ do: 'send' });
    expect(step(sending, { event: 'nothing_pending' }).state).toEqual({ at: 'idle' });
  });

  it('goes on at once after an answer that settled something, and forgets failures', () => {
    const { state, command } = step(STATES[1]!, { event: 'answered', settled: 1 });
    expect(state).toEqual({ at: 'sending', failures: 0, again: false });
    expect(command).toEqual({ do: 'send' });
  });

  it('backs off when the server fails on the first mutation, or cannot be reached', () => {
    for (const event of [EVENTS[5]!, EVENTS[6]!]) {
      expect(step(STATES[1]!, event, 0.999).state).toEqual({ at: 'waiting', failures: 3, asked: false });
    }
  });

  it('doubles the ceiling of the delay up to a bound, and keeps to what the server asks for', () => {
    const delays = Array.from({ length: 12 }, (_, failures) => {
      const { command } = step(
        { at: 'sending', failures, again: false },
        { event: 'unreachable', retryAfterMs: 0 },
        1,
      );
      return command.do === 'wait' ? command.ms : -1;
    });
    expect(delays.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(Math.max(...delays)).toBe(30_000);
    const asked = step(STATES[1]!, { event: 'unreachable', retryAfterMs: 90_000 }).command;
    expect(asked).toEqual({ do: 'wait', ms: 90_000 });
  });

  it('keeps to the delay that the server asked for also when the network comes back', () => {
    const busy = step(STATES[1]!, { event: 'unreachable', retryAfterMs: 90_000 });
    expect(step(busy.state, { event: 'online' })).toEqual({ state: busy.state, command: { do: 'nothing' } });
    expect(step(busy.state, { event: 'due' }).command).toEqual({ do: 'send' });
  });

  it('begins to count failures anew when the network comes back', () => {
    const tired: DeliveryState = { at: 'sending', failures: 12, again: false };
    const { state } = step(tired, { event: 'online' });
    expect(step(state, { event: 'unreachable', retryAfterMs: 0 }, 1).command).toEqual({
      do: 'wait',
      ms: 500,
    });
  });

  it('is not hurried by new entries while the server is down, but by the network coming back', () => {
    expect(step({ at: 'waiting', failures: 3, asked: false }, { event: 'wanted' }).command).toEqual({
      do: 'nothing',
    });
    expect(step({ at: 'waiting', failures: 3, asked: false }, { event: 'online' }).command).toEqual({
      do: 'send',
    });
  });

  it('keeps a refusal in sight until the server takes something', () => {
    const refused = step(STATES[1]!, { event: 'refusal', error: ERROR });
    expect(refused).toEqual({
      state: { at: 'refused', failures: 3, error: ERROR },
      command: { do: 'wait', ms: REFUSED_RETRY_MS },
    });
    expect(step(refused.state, { event: 'wanted' }).state).toMatchObject({ at: 'sending', error: ERROR });
  });
});
