import { describe, expect, it } from 'vitest';
import { nextStream, startStream } from './stream-machine.ts';
import type { StreamEvent, StreamMachine } from './stream-machine.ts';

const POSITION = { handle: 'h1', offset: '100_0' };
const ERROR = { code: 'missing_header', message: 'electric-handle' };
const base = startStream('catch_up', POSITION);
const MACHINES: StreamMachine[] = (['snapshot', 'catch_up', 'live'] as const).flatMap((phase) => [
  { ...base, phase },
  { ...base, phase, at: 'waiting', failures: 4, refetches: 1 },
  { ...base, phase, at: 'waiting', failures: 1, unsure: true },
]);
const EVENTS: StreamEvent[] = [
  {
    event: 'chunk',
    position: { handle: 'h1', offset: '200_0' },
    cursor: 'c',
    upToDate: true,
    behindBytes: 0,
  },
  {
    event: 'chunk',
    position: { handle: 'h1', offset: '200_0' },
    cursor: undefined,
    upToDate: false,
    behindBytes: 90,
  },
  { event: 'must_refetch', handle: 'h2' },
  { event: 'must_refetch', handle: undefined },
  { event: 'unreachable', retryAfterMs: 0, stalled: false },
  { event: 'unreachable', retryAfterMs: 0, stalled: true },
  { event: 'broken', error: ERROR },
  { event: 'refused', error: ERROR },
  { event: 'nudged' },
  { event: 'due' },
  { event: 'not_stored', error: ERROR },
  { event: 'resumed', phase: 'catch_up', position: { handle: 'h1', offset: '90_0' } },
];
const PAIRS = MACHINES.flatMap((machine) => EVENTS.map((event) => ({ machine, event })));

describe('a stream, every state with every event', () => {
  it.each(PAIRS)('$machine.phase, $machine.at × $event.event keeps the rules', ({ machine, event }) => {
    const { machine: next, command } = nextStream(machine, event, 0.5);
    const commands = { requesting: 'request', waiting: 'wait', resuming: 'resume' } as const;
    expect(command.do).toBe(commands[next.at]);
    // Nothing is asked of the server from a position that the replica may not hold.
    if (command.do === 'request') expect(next.unsure).toBe(false);
    if (event.event === 'not_stored') expect(next.unsure).toBe(true);
    // Only the end of the log, just seen, is a place to wait for news.
    if (next.phase === 'live') expect(event.event === 'chunk' || event.event === 'due').toBe(true);
    if (next.shown === 'live') expect(next.failures).toBe(0);
    // A position moves only by a chunk, or to what the replica says; it is given up only by a refetch.
    if (!['chunk', 'resumed', 'must_refetch'].includes(event.event))
      expect(next.position).toEqual(machine.position);
    if (event.event === 'must_refetch') {
      expect(next).toMatchObject({ phase: 'snapshot', position: { handle: event.handle, offset: '-1' } });
    }
    // A fault waits, so that no loop of requests can begin with it.
    if ('error' in event || event.event === 'unreachable') {
      expect(command).toMatchObject({ do: 'wait' });
      expect(next.failures).toBe(machine.failures + 1);
    }
  });
});

describe('a stream', () => {
  it('reads a snapshot, then the log, then waits for news', () => {
    let machine = startStream('snapshot', { handle: undefined, offset: '-1' });
    machine = nextStream(machine, EVENTS[1]!, 0).machine;
    expect(machine).toMatchObject({ phase: 'snapshot', shown: 'behind' });
    machine = nextStream(machine, EVENTS[0]!, 0).machine;
    expect(machine).toMatchObject({ phase: 'live', shown: 'live', cursor: 'c' });
  });

  it('refetches at once after one refusal, and backs off when refused again and again', () => {
    const first = nextStream({ ...base, phase: 'live' }, EVENTS[2]!, 0.9);
    expect(first.command).toEqual({ do: 'request' });
    const second = nextStream(first.machine, EVENTS[2]!, 0.9);
    expect(second.command).toEqual({ do: 'wait', ms: 475 });
    const third = nextStream(second.machine, EVENTS[2]!, 0.9);
    expect(third.command).toEqual({ do: 'wait', ms: 950 });
    // The end of the snapshot proves that it works again.
    expect(nextStream(third.machine, EVENTS[0]!, 0).machine.refetches).toBe(0);
  });

  it('makes the next URL differ when the server gave no new handle, or broke the protocol', () => {
    expect(nextStream(base, EVENTS[3]!, 0.123).machine.cacheBuster).toBeDefined();
    expect(nextStream(base, EVENTS[6]!, 0.123).machine.cacheBuster).toBeDefined();
    expect(nextStream(base, EVENTS[2]!, 0.123).machine.cacheBuster).toBeUndefined();
  });

  it('asks past a cache when it is nudged: what that has kept is older than the news of the sibling', () => {
    const live = nextStream(base, EVENTS[0]!, 0).machine;
    const nudged = nextStream(live, { event: 'nudged' }, 0.123).machine;
    expect(nudged).toMatchObject({ at: 'requesting', phase: 'catch_up', position: live.position });
    expect(nudged.cacheBuster).toBeDefined();
    expect(nextStream(live, { event: 'nudged' }, 0.456).machine.cacheBuster).not.toBe(nudged.cacheBuster);
    expect(nextStream(nudged, EVENTS[0]!, 0).machine.cacheBuster).toBeUndefined();
  });

  it('shows what is wrong, and forgets it with the next chunk', () => {
    const broken = nextStream(base, EVENTS[6]!, 0).machine;
    expect(broken).toMatchObject({ shown: 'refused', error: ERROR });
    expect(nextStream(broken, EVENTS[0]!, 0).machine).toMatchObject({ shown: 'live', error: undefined });
    expect(nextStream(base, EVENTS[5]!, 0).machine.shown).toBe('stalled');
  });
});
