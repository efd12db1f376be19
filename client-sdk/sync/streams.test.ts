import { expect, it } from 'vitest';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import type { ReplicaDatabase } from '../replica/replica-database.ts';
import type { Replica } from '../replica/replica.ts';
import { subscriptionsOf } from '../replica/subscription.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import { Streams } from './streams.ts';

it('leaves nothing waiting of the streams that were resumed before one that could not be', async () => {
  const subscriptions = subscriptionsOf([{ name: 'incidents', params: { region: '01' } }]);
  // The first has rows in sight and is read anew: its siblings are to wait for it, for a minute.
  const place = { handle: 'h', offset: '1_0', lsn: '1', new_handle: 'h', new_offset: '0_0' };
  const cursor = { snapshot: 1, new_snapshot: 2, ...place };
  let resumed = 0;
  const query = async (sql: string) => {
    if (!sql.startsWith('SELECT snapshot,')) return { rows: [] };
    resumed += 1;
    if (resumed % 2 === 0) throw new Error('the disk does not answer');
    return { rows: [cursor] as never[] };
  };
  const transaction: ReplicaDatabase['transaction'] = async () => undefined;
  const database: Pick<ReplicaDatabase, 'query' | 'transaction'> = { query, transaction };
  const pending = { rebuild: async () => [] };
  const replica = { database, pending } as unknown as Replica;
  const stop = new AbortController();
  const waits: AbortSignal[] = [];
  const failed: unknown[] = [];
  let pauses = 0;
  let isOver: boolean | undefined;
  const streams = new Streams({
    ...{ url: 'http://halo.example', subscriptions: () => subscriptions, outbox: {} as OutboxStore },
    replica: { opened: Promise.resolve(replica) } as Partial<ReplicaHandle> as ReplicaHandle,
    environment: {
      ...{ fetch, now: () => 0, random: () => 0.5 },
      async sleep(ms, signal) {
        if (ms !== 60_000) {
          // The pause before the next round; the second ends the test.
          pauses += 1;
          if (pauses < 2) return;
          isOver = waits[0]?.aborted;
          return stop.abort();
        }
        waits.push(signal!);
        await new Promise((resolve) => signal!.addEventListener('abort', resolve));
      },
    },
    board: { begins: () => {} },
    request: () => new Promise(() => {}),
    onState: () => {},
    onTables: () => {},
    onReplicaError: (error) => failed.push(error),
  });
  await streams.run(stop.signal);
  expect([failed.length, isOver]).toEqual([2, true]);
});
