import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { outboxWith, useClients } from './client-fixtures.ts';
import { sampleReport } from './client-samples.ts';

const clients = useClients();

describe('clients that share a store', () => {
  it('invariant 1: a report that is queued is not said to have failed, whatever fails after that', async () => {
    await clients.server.stop();
    const store = clients.stores.at(join(clients.dir, 'device'));
    let fails = false;
    const halo = await clients.device({
      store: {
        ...store,
        openOutbox: async (account) => {
          const outbox = await store.openOutbox(account);
          const counts = () =>
            fails ? Promise.reject(new Error('the database is closed')) : outbox.counts();
          return outboxWith(outbox, { counts });
        },
      },
    });
    await eventually(() => expect(halo.status().replica.state).toBe('ready'));
    fails = true;
    const { seq } = await halo.report(sampleReport('queued'));
    fails = false;
    expect(await halo.outbox.list()).toMatchObject([{ seq, state: 'pending' }]);
  });
});
