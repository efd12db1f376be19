import type { MutationBatch } from '@halo/shapes/protocol/mutation-batch.ts';
import { expect, it } from 'vitest';
import type { DeviceIdentity } from '../sync/device-identity.ts';
import { realEnvironment } from '../sync/environment.ts';
import { DeliveryDriver } from './delivery-driver.ts';
import type { StoredMutation } from './outbox-store.ts';

const mutation = (seq: number): StoredMutation => ({
  seq,
  id: `m${seq}`,
  type: 'report.create',
  createdAt: '2026-01-01T00:00:00.000Z',
  args: {},
});

it('invariant 1: a driver that was stopped delivers when it is run again', async () => {
  const pending: StoredMutation[] = [];
  const delivered: number[] = [];
  const driver = new DeliveryDriver({
    outbox: { pending: async (limit) => pending.slice(0, limit) },
    environment: realEnvironment,
    identity: {
      load: async () => ({ deviceId: '00000000-0000-4000-8000-000000000001', seqBase: 0 }),
      save: async () => {},
    },
    post: async ({ mutations }: MutationBatch) => ({
      kind: 'results',
      results: mutations.map(({ id, seq }) => ({ id, seq, status: 'applied', replayed: false, txid: '1' })),
    }),
    async settle({ seq }) {
      pending.shift();
      delivered.push(seq);
    },
    onState: ({ at }) => at === 'idle' && idle(),
  });
  let idle = () => {};
  for (const round of [1, 2, 3]) {
    const stop = new AbortController();
    const emptied = new Promise<void>((resolve) => (idle = resolve));
    pending.push(mutation(round));
    const running = driver.run(stop.signal);
    await emptied;
    stop.abort();
    await running;
  }
  expect(delivered).toEqual([1, 2, 3]);
});

it('invariant 1: a number that the server has used for something else makes one new device, not many', async () => {
  const saved: DeviceIdentity[] = [];
  let identity: DeviceIdentity = { deviceId: '00000000-0000-4000-8000-000000000001', seqBase: 0 };
  const sent: MutationBatch[] = [];
  let refused = () => {};
  const shown = new Promise<void>((resolve) => (refused = resolve));
  const error = { code: 'mutation_changed', message: 'used' };
  const driver = new DeliveryDriver({
    outbox: { pending: async () => [mutation(7), mutation(8)] },
    environment: { ...realEnvironment, sleep: async () => {} },
    identity: {
      load: async () => identity,
      save: async (next) => void saved.push((identity = next)),
    },
    post: async (batch) => {
      sent.push(batch);
      return { kind: 'seq_used', error };
    },
    settle: async () => {
      throw new Error('nothing is settled');
    },
    onState: (state) => state.at === 'refused' && refused(),
  });
  const stop = new AbortController();
  const running = driver.run(stop.signal);
  await shown;
  stop.abort();
  await running;
  expect(saved).toEqual([{ deviceId: expect.not.stringMatching(/0001$/) as string, seqBase: 6 }]);
  expect(sent[0]).toMatchObject({ mutations: [{ seq: 7 }, { seq: 8 }] });
  expect(sent[1]).toMatchObject({ deviceId: saved[0]?.deviceId, mutations: [{ seq: 1 }, { seq: 2 }] });
});
