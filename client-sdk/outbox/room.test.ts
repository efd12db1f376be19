import { expect, it } from 'vitest';
import { HaloClientError } from '../errors.ts';
import type { OutboxStore, StoredMutation } from './outbox-store.ts';
import { Room } from './room.ts';

const MUTATION = { id: 'a', type: 'report.create', createdAt: '2026-01-01T00:00:00.000Z', args: {} };
const full = () => new HaloClientError('store_full', 'no room');

/** A device whose writes are refused with `refusal()` until that is undefined; `make` is how it makes room. */
function device(refusal: () => HaloClientError | undefined, make: () => Promise<void>) {
  const written: string[] = [];
  let made = 0;
  const write = async (what: string) => {
    const error = refusal();
    if (error !== undefined) throw error;
    written.push(what);
  };
  const outbox: Partial<OutboxStore> = {
    append: (mutation) => write('append').then(() => ({ ...mutation, seq: written.length })),
    settleApplied: () => write('applied'),
    settleRejected: () => write('rejected'),
    discard: () => write('discard'),
    replaceRejected: () => write('replace').then((): StoredMutation[] => []),
  };
  const room = new Room(async () => {
    made += 1;
    await make();
  });
  return {
    outbox: room.outbox(outbox as OutboxStore),
    written,
    made: () => made,
  };
}

it('invariant 1: makes room once for all writes that find none together, and each takes effect once', async () => {
  let isFull = true;
  const { outbox, written, made } = device(
    () => (isFull ? full() : undefined),
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      isFull = false;
    },
  );
  const all = [
    outbox.append(MUTATION),
    outbox.settleApplied('b'),
    outbox.settleRejected('c', { code: 'x', message: 'x' }),
    outbox.discard('d'),
    outbox.replaceRejected([]),
  ];
  await Promise.all(all);
  const each = ['append', 'applied', 'discard', 'rejected', 'replace'];
  expect([made(), written.toSorted()]).toEqual([1, each]);
});

it('refuses what finds no room after that, too, and looks again for the next', async () => {
  const { outbox, written, made } = device(full, async () => {});
  const refused = () => outbox.append(MUTATION).catch((error: HaloClientError) => error.code);
  expect([await refused(), made(), await refused(), made()]).toEqual(['store_full', 1, 'store_full', 2]);
  expect(written).toEqual([]);
});

it('leaves a failure of another kind as it is', async () => {
  const failure = new HaloClientError('store_failed', 'a broken disk');
  const { outbox, made } = device(
    () => failure,
    async () => {},
  );
  await expect(outbox.append(MUTATION)).rejects.toBe(failure);
  expect(made()).toBe(0);
});

it('tries again without making room where that was done since the write began', async () => {
  let refuseSlow: (error: Error) => void = () => {};
  const answers = [
    () => new Promise<never>((_resolve, reject) => (refuseSlow = reject)),
    () => Promise.reject(full()),
    () => Promise.resolve(),
    () => Promise.resolve(),
  ];
  let made = 0;
  const room = new Room(async () => void (made += 1));
  const outbox = room.outbox({ discard: () => answers.shift()!() } as Partial<OutboxStore> as OutboxStore);
  const slow = outbox.discard('slow');
  await outbox.discard('quick');
  refuseSlow(full());
  await slow;
  expect([made, answers.length]).toEqual([1, 0]);
});
