import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DUE_MS, judgeDevice } from './judge-device.ts';
import type { DeviceFacts, HeadKnowledge, ShapeFacts } from './judge-device.ts';

const NOW = 10_000_000;
const ago = (seconds: number) => NOW - seconds * 1_000;

const shape = (change: Partial<ShapeFacts> = {}): ShapeFacts => ({
  shape: 'incidents?region=01',
  phase: 'live',
  askedMs: ago(5),
  movedMs: ago(600),
  passedMs: undefined,
  looks: false,
  ...change,
});
const facts = (change: Partial<DeviceFacts> = {}): DeviceFacts => ({
  nowMs: NOW,
  ended: undefined,
  heardMs: ago(5),
  unbrokenMs: ago(3_600),
  dueMs: DUE_MS,
  head: { kind: 'known' },
  shapes: [shape()],
  stuckMs: undefined,
  ...change,
});

describe('invariant 11 (O15): a device is judged by proof alone', () => {
  const cases: readonly [string, Partial<DeviceFacts>, string, string, number | undefined][] = [
    ['idle for ten minutes, and asking', {}, 'live', 'up_to_date', ago(3_600)],
    [
      'under load: its poll has not ended yet',
      { shapes: [shape({ passedMs: ago(19) })] },
      'live',
      'up_to_date',
      ago(3_600),
    ],
    ['silent for longer than a poll lasts', { heardMs: ago(29) }, 'offline', 'no_contact', ago(29)],
    [
      'silent for less',
      { heardMs: ago(27), shapes: [shape({ askedMs: ago(27) })] },
      'live',
      'up_to_date',
      ago(3_600),
    ],
    [
      'a stream of events',
      { heardMs: ago(60), dueMs: 68_000, shapes: [shape({ askedMs: ago(60) })] },
      'live',
      'up_to_date',
      ago(3_600),
    ],
    [
      'behind and moving',
      { shapes: [shape({ phase: 'catching_up', movedMs: ago(2), passedMs: ago(900) })] },
      'behind',
      'catching_up',
      ago(900),
    ],
    [
      'live by its own word, moving, and long passed',
      { shapes: [shape({ movedMs: ago(3), passedMs: ago(50) })] },
      'behind',
      'catching_up',
      ago(50),
    ],
    [
      'asking for the same place again and again',
      { shapes: [shape(), shape({ shape: 'areas', movedMs: ago(300), passedMs: ago(46) })] },
      'stalled',
      'no_progress',
      ago(46),
    ],
    [
      'one shape is asked for no more',
      { shapes: [shape(), shape({ shape: 'areas', askedMs: ago(50) })] },
      'stalled',
      'shape_silent',
      ago(50),
    ],
    [
      'one that looks now and then',
      { shapes: [shape(), shape({ askedMs: ago(500), passedMs: ago(400), looks: true })] },
      'live',
      'up_to_date',
      ago(3_600),
    ],
    [
      'a snapshot is read',
      { shapes: [shape({ phase: 'snapshot', movedMs: ago(10) })] },
      'behind',
      'reading_snapshot',
      ago(10),
    ],
    ['it has just come', { shapes: [], unbrokenMs: ago(1) }, 'behind', 'reading_snapshot', ago(1)],
    [
      'it delivers and reads nothing',
      { shapes: [], unbrokenMs: ago(90) },
      'stalled',
      'reads_nothing',
      ago(90),
    ],
    ['its outbox does not empty', { stuckMs: ago(130) }, 'stalled', 'outbox_stuck', ago(130)],
    ['its outbox has only begun to', { stuckMs: ago(20) }, 'live', 'up_to_date', ago(3_600)],
    [
      'replication is paused, and all look well',
      { head: { kind: 'unknown', sinceMs: ago(25) } },
      'stalled',
      'head_unknown',
      ago(25),
    ],
    ['the log is late', { head: { kind: 'late', sinceMs: ago(60) } }, 'behind', 'server_behind', ago(60)],
    ['another server has the log', { head: { kind: 'elsewhere' } }, 'live', 'up_to_date', ago(3_600)],
    [
      'logged out, though it was heard a moment ago',
      { ended: { reason: 'logged_out', sinceMs: ago(2) } },
      'revoked',
      'logged_out',
      ago(2),
    ],
  ];
  it.each(cases)('%s', (_name, change, state, reason, sinceMs) => {
    expect(judgeDevice(facts(change))).toMatchObject({ state, reason, sinceMs });
  });

  const past = fc.integer({ min: 0, max: 2_000_000 }).map((ms) => NOW - ms);
  const anyHead: fc.Arbitrary<HeadKnowledge> = fc.oneof(
    fc.constant<HeadKnowledge>({ kind: 'known' }),
    fc.constant<HeadKnowledge>({ kind: 'elsewhere' }),
    past.map((sinceMs): HeadKnowledge => ({ kind: 'unknown', sinceMs })),
    past.map((sinceMs): HeadKnowledge => ({ kind: 'late', sinceMs })),
  );
  const anyShape: fc.Arbitrary<ShapeFacts> = fc.record({
    shape: fc.constantFrom('a', 'b'),
    phase: fc.constantFrom('snapshot', 'catching_up', 'live'),
    askedMs: past,
    movedMs: past,
    passedMs: fc.option(past, { nil: undefined }),
    looks: fc.boolean(),
  });
  const anyFacts: fc.Arbitrary<DeviceFacts> = fc.record({
    nowMs: fc.constant(NOW),
    ended: fc.option(fc.record({ reason: fc.constant('logged_out' as const), sinceMs: past }), {
      nil: undefined,
    }),
    heardMs: past,
    unbrokenMs: past,
    dueMs: fc.constantFrom(DUE_MS, 68_000),
    head: anyHead,
    shapes: fc.array(anyShape, { maxLength: 4 }),
    stuckMs: fc.option(past, { nil: undefined }),
  });

  it('whatever is known: live is only who was heard in time, asks for all, and may be measured', () => {
    fc.assert(
      fc.property(anyFacts, (any) => {
        const { state, sinceMs } = judgeDevice(any);
        if (sinceMs !== undefined) expect(sinceMs).toBeLessThanOrEqual(NOW);
        if (state !== 'live') return;
        expect(any.ended).toBeUndefined();
        expect(NOW - any.heardMs).toBeLessThanOrEqual(any.dueMs);
        expect(['known', 'elsewhere']).toContain(any.head.kind);
        expect(any.shapes.length).toBeGreaterThan(0);
        for (const { looks, phase, askedMs, passedMs } of any.shapes) {
          expect(phase).not.toBe('snapshot');
          if (looks) continue;
          expect(NOW - askedMs).toBeLessThanOrEqual(any.dueMs + 15_000);
          if (passedMs !== undefined) expect(NOW - passedMs).toBeLessThanOrEqual(45_000);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('whatever is known: where nothing more is heard, every device is offline or revoked in the end, and stays so', () => {
    fc.assert(
      fc.property(anyFacts, fc.integer({ min: 68_001, max: 10_000_000 }), (any, later) => {
        const then = judgeDevice({ ...any, nowMs: NOW + later });
        expect(then.state).toBe(any.ended === undefined ? 'offline' : 'revoked');
      }),
      { numRuns: 500 },
    );
  });
});
