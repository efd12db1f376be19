import { expect, it } from 'vitest';
import type { DeviceFacts, ShapeFacts } from './judge-device.ts';
import { proveStall } from './prove-stall.ts';

const NOW = 1_000_000_000;
const MINUTE = 60_000;
const ago = (minutes: number) => NOW - minutes * MINUTE;
const FOR_MS = 5 * MINUTE;

const SHAPE: ShapeFacts = {
  shape: 'incidents?region=01',
  phase: 'live',
  askedMs: ago(0.2),
  movedMs: ago(60),
  passedMs: undefined,
  looks: false,
};
const WELL: DeviceFacts = {
  nowMs: NOW,
  ended: undefined,
  heardMs: ago(0.2),
  unbrokenMs: ago(600),
  dueMs: 28_000,
  head: { kind: 'known' },
  shapes: [SHAPE],
  stuckMs: undefined,
};
const owed = (changes: Partial<ShapeFacts> = {}) => ({
  shapes: [SHAPE, { ...SHAPE, shape: 'predictions', passedMs: ago(6), ...changes }],
});

it.each<[string, Partial<DeviceFacts>, boolean]>([
  ['is owed something and asks from where it was', owed(), true],
  ['does so since a moment', owed({ passedMs: ago(3) }), false],
  ['got on in between', owed({ movedMs: ago(3) }), false],
  ['has all there is', {}, false],
  ['was owed something when it fell asleep', { ...owed({ askedMs: ago(5.9) }), heardMs: ago(5.9) }, false],
  [
    'was stalled, and has fallen asleep',
    { ...owed({ askedMs: ago(3), passedMs: ago(30) }), heardMs: ago(3) },
    false,
  ],
  ['asked for other shapes only', owed({ askedMs: ago(4), passedMs: ago(6) }), false],
  ['looks now and then', owed({ looks: true }), false],
  ['asks an instance that lags itself', { ...owed(), head: { kind: 'late', sinceMs: ago(9) } }, false],
  ['asks an instance without replication', { ...owed(), head: { kind: 'unknown', sinceMs: ago(9) } }, false],
  ['may not come any more', { ...owed(), ended: { reason: 'logged_out', sinceMs: ago(1) } }, false],
  [
    'begins a snapshot again and again',
    owed({ phase: 'snapshot', passedMs: undefined, movedMs: ago(6) }),
    true,
  ],
  [
    'takes a long time for a part of a snapshot',
    owed({ phase: 'snapshot', askedMs: ago(6), movedMs: ago(6) }),
    false,
  ],
  ['is there, and its outbox is not settled', { stuckMs: ago(6) }, true],
  ['has just woken with something in its outbox', { stuckMs: ago(600), unbrokenMs: ago(1) }, false],
])('invariant 11: a device that %s', (_, changes, isStalled) => {
  expect(proveStall({ ...WELL, ...changes }, true, FOR_MS) !== undefined).toBe(isStalled);
});

it('says in what and since when, and blames nobody who fetches a whole shape each minute', () => {
  expect(proveStall({ ...WELL, ...owed() }, true, FOR_MS)).toEqual({
    reason: 'no_progress',
    shape: 'predictions',
    sinceMs: ago(6),
  });
  const fetches = { ...WELL, ...owed({ phase: 'snapshot', passedMs: undefined }) };
  expect(proveStall(fetches, true, FOR_MS)).toBeDefined();
  expect(proveStall(fetches, false, FOR_MS)).toBeUndefined();
});
