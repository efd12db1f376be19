import type { MutationBatch } from '@halo/shapes/protocol/mutation-batch.ts';
import { expect, it } from 'vitest';
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
