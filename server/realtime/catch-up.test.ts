import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { Gate } from '../platform/gate.ts';
import { catchUp } from './catch-up.ts';
import type { IncidentChange } from './incident-change.ts';
import { newsFor } from './subscription.ts';
import { SubscriptionIndex } from './subscription-index.ts';
import { Subscriptions } from './subscriptions.ts';

const PART = 3;
const offsetAt = (n: number): LogOffset => ({ kind: 'log', lsn: BigInt(n), op: 0 });
const incident = { areas: ['01'], lat: 59.3, lon: 18.1, severity: 3, type: 'theft' };
const changeAt = (n: number): IncidentChange => {
  return { offset: offsetAt(n), offsetText: `${n}_0`, row: {}, before: null, after: incident };
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** One subscription catches up from the log's start while more is written, and the feed tells what there is at its own pace. */
async function toldUnder(
  steps: readonly ('write' | 'feed' | 'fill' | 'drain' | 'turn')[],
): Promise<number[]> {
  const told: number[] = [];
  const index = new SubscriptionIndex<null>();
  const subscriptions = new Subscriptions<null>(null, index);
  const behind = subscriptions.add([{ id: 'a' }], offsetAt(0));
  let [written, fed, full] = [4, 4, false];
  const log = {
    async read({ offset }: { readonly offset: LogOffset }) {
      const from = Number(offset.lsn);
      const to = Math.min(written, from + PART);
      const upToDate = to === written;
      await turn();
      const changes = Array.from({ length: to - from }, (_, i) => changeAt(from + i + 1));
      return { kind: 'part' as const, changes, end: offsetAt(to), upToDate };
    },
  };
  const wire = {
    sendEncoded: (frame: Buffer) => {
      const { offset } = JSON.parse(frame.toString()) as { offset: string };
      told.push(Number(offset.split('_')[0]));
    },
    get full() {
      return full;
    },
    closing: false,
    async whenDrained() {
      while (full) await turn();
    },
  };
  const feed = () => {
    if (fed === written) return;
    fed += 1;
    for (const each of index.candidates(changeAt(fed))) {
      if (newsFor(each, changeAt(fed)) !== undefined) told.push(fed);
    }
  };
  const parts = {
    log,
    gate: new Gate('readers', 1, 1),
    told: () => ({ handle: 'h', offset: offsetAt(fed) }),
  };
  const place = { handle: 'h', offset: offsetAt(0) };
  const done = catchUp(parts, wire, subscriptions, { behind, place }, new AbortController().signal);
  for (const step of steps) {
    if (step === 'write') written += 1;
    else if (step === 'feed') feed();
    else if (step === 'turn') await turn();
    else full = step === 'fill';
  }
  full = false;
  expect(await done).toBe('live');
  while (fed < written) feed();
  expect(compareLogOffsets(behind[0]!.after, offsetAt(4))).toBeGreaterThanOrEqual(0);
  expect(written).toBe(told.length);
  return told;
}

it('keeps nobody from catching up while a place is waited for that the log has not reached', async () => {
  const log = {
    read: async ({ offset }: { readonly offset: LogOffset }) => {
      if (offset.lsn > 4n) await new Promise<never>(() => {});
      return { kind: 'part' as const, changes: [], end: offsetAt(4), upToDate: true };
    },
  };
  const wire = { sendEncoded: () => {}, full: false, closing: false, whenDrained: () => Promise.resolve() };
  const parts = { log, gate: new Gate('readers', 1, 9), told: () => ({ handle: 'h', offset: offsetAt(4) }) };
  const from = (offset: LogOffset) => {
    const subscriptions = new Subscriptions<null>(null, new SubscriptionIndex<null>());
    const behind = subscriptions.add([{ id: 'a' }], offset);
    const task = { behind, place: { handle: 'h', offset } };
    return catchUp(parts, wire, subscriptions, task, new AbortController().signal);
  };
  const ahead = from(offsetAt(99));
  await turn();
  expect(await Promise.race([ahead, from(offsetAt(1))])).toBe('live');
});

it('reads no more of the log once the subscriptions that it was for have ended', async () => {
  let reads = 0;
  const subscriptions = new Subscriptions<null>(null, new SubscriptionIndex<null>());
  const behind = subscriptions.add([{ id: 'a' }], offsetAt(0));
  const log = {
    read: async ({ offset }: { readonly offset: LogOffset }) => {
      reads += 1;
      if (reads === 2) subscriptions.removeAll();
      const end = offsetAt(Number(offset.lsn) + 1);
      return { kind: 'part' as const, changes: [], end, upToDate: reads > 50 };
    },
  };
  const wire = { sendEncoded: () => {}, full: false, closing: false, whenDrained: () => Promise.resolve() };
  const parts = { log, gate: new Gate('readers', 1, 1), told: () => ({ handle: 'h', offset: offsetAt(9) }) };
  const task = { behind, place: { handle: 'h', offset: offsetAt(0) } };
  expect(await catchUp(parts, wire, subscriptions, task, new AbortController().signal)).toBe('live');
  expect(reads).toBe(2);
});

it('invariant 6: between catching up and live nothing is left out, and nothing comes twice', async () => {
  const step = fc.constantFrom(...(['write', 'feed', 'fill', 'drain', 'drain', 'turn', 'turn'] as const));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }), async (steps) => {
      const told = await toldUnder(steps);
      expect(told).toEqual(told.map((_, i) => i + 1));
    }),
    { numRuns: 500 },
  );
});
