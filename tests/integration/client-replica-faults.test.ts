import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HaloClientError } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReplicaDatabase } from '../../client-sdk/replica/replica-database.ts';
import { eventually } from '../support/eventually.ts';
import { failingDiskUnder, fillDisk } from '../support/full-disk.ts';
import { memoryPostgres } from '../support/prepared-replica.ts';
import { replicaWith, useClients } from './client-fixtures.ts';
import { ReplaceableReplica } from './client-replaceable-replica.ts';
import { incident, MINE, numberedId, sampleReport } from './client-samples.ts';

const clients = useClients();
const INCIDENTS = 'SELECT id, severity FROM incidents ORDER BY id';

/** A device that is live with one incident, on a replica that another process can take over. */
async function liveOnReplaceable() {
  clients.server.commit([incident(1)]);
  const replica = new ReplaceableReplica();
  const store = nodeStore(join(clients.dir, 'device'));
  const halo = await clients.device({
    store: { ...store, openReplica: async (account) => replica.open(await store.openReplica(account)) },
  });
  await halo.whenLive();
  return { halo, replica };
}

describe('the client when its replica fails', () => {
  it('reports and delivers without a replica, and says what is wrong with it', async () => {
    const store = nodeStore(join(clients.dir, 'device'));
    const halo = await clients.device({
      store: { ...store, openReplica: () => Promise.reject(new Error('not enough memory')) },
    });
    await halo.report(sampleReport('without a replica'));
    await halo.whenSettled();
    expect(clients.server.ledger.size).toBe(1);
    expect(halo.status().replica).toMatchObject({ state: 'unavailable' });
    await expect(halo.query('SELECT 1')).rejects.toMatchObject({ code: 'replica_unavailable' });
    await expect(halo.whenLive()).rejects.toMatchObject({ code: 'replica_unavailable' });
  });

  it.each(['new', 'queued in an earlier life'])(
    'shows a report (%s) that was delivered while the replica was still opening',
    async (kind) => {
      const store = nodeStore(join(clients.dir, 'device'));
      if (kind !== 'new') {
        await clients.server.stop();
        const earlier = await clients.device({ store });
        await earlier.report(sampleReport('fast'));
        await earlier.close();
        await clients.newServer();
      }
      let open: () => void = () => {};
      const opening = new Promise<void>((resolve) => (open = resolve));
      const halo = await clients.device({
        store: { ...store, openReplica: (account) => opening.then(() => store.openReplica(account)) },
      });
      if (kind === 'new') await halo.report(sampleReport('fast'));
      await halo.whenSettled();
      expect([clients.server.ledger.size, await halo.outbox.list()]).toEqual([1, []]);
      open();
      expect(await halo.query('SELECT description FROM my_reports')).toEqual([{ description: 'fast' }]);
    },
  );

  it('delivers and streams although the replica was interrupted when the streams began', async () => {
    clients.server.commit([incident(1)]);
    const store = nodeStore(join(clients.dir, 'device'));
    let interruptions = 0;
    const halo = await clients.device({
      store: {
        ...store,
        openReplica: async (account) =>
          failing(
            await store.openReplica(account),
            (sql) => sql.includes('local.cursors') && interruptions++ < 2,
          ),
      },
    });
    const { id } = await halo.report(sampleReport('although interrupted'));
    await halo.whenSettled();
    expect(clients.server.ledger.get(id)).toMatchObject({ status: 'applied' });
    await halo.whenLive();
    expect(interruptions).toBeGreaterThan(2);
    await eventually(() => expect(halo.status().replica).toEqual({ state: 'ready' }));
    expect(await halo.query('SELECT id FROM incidents')).toHaveLength(1);
  });

  it('opens the replica although it was interrupted while the pending reports were put in', async () => {
    await clients.server.stop();
    const first = await clients.device();
    await first.report(sampleReport('pending'));
    await first.close();
    const store = nodeStore(join(clients.dir, 'device'));
    let interruptions = 0;
    const halo = await clients.device({
      store: {
        ...store,
        openReplica: async (account) => {
          const database = await store.openReplica(account);
          return replicaWith(database, {
            async transaction(work) {
              const result = await database.transaction(work);
              interruptions += 1;
              if (interruptions === 2) throw new HaloClientError('replica_interrupted', 'interrupted');
              return result;
            },
          });
        },
      },
    });
    expect(await halo.query(MINE)).toMatchObject([{ description: 'pending', sync_state: 'queued' }]);
    expect(halo.status().replica).toEqual({ state: 'ready' });
    expect(interruptions).toBeGreaterThan(2);
  });

  it('invariant 1: a replica that takes no result holds up no delivery', async () => {
    const store = nodeStore(join(clients.dir, 'device'));
    const halo = await clients.device({
      store: {
        ...store,
        openReplica: async (account) =>
          failing(await store.openReplica(account), (sql) => sql.includes('SET settled')),
      },
    });
    await halo.whenLive();
    for (let n = 0; n < 3; n += 1) await halo.report(sampleReport(`no ${n}`));
    await halo.whenSettled();
    expect(clients.server.ledger.size).toBe(3);
    expect(halo.status().replica.error?.code).toBe('replica_failed');
  });

  it('invariant 1: a replica that hangs holds up neither a report nor its delivery', async () => {
    const store = nodeStore(join(clients.dir, 'device'));
    let hangs = false;
    let release: () => void = () => {};
    const halo = await clients.device({
      store: {
        ...store,
        async openReplica(account) {
          const database = await store.openReplica(account);
          const held = new Promise<void>((resolve) => (release = resolve));
          return replicaWith(database, {
            async transaction(work) {
              if (hangs) await held;
              return database.transaction(work);
            },
          });
        },
      },
    });
    onTestFinished(() => release());
    await halo.whenLive();
    hangs = true;
    await halo.report(sampleReport('while it hangs'));
    await halo.whenSettled();
    expect(clients.server.ledger.size).toBe(1);
    release();
  });

  it('invariant 7: streams go on from what is on the disk when another process has taken the replica over', async () => {
    const { halo, replica } = await liveOnReplaceable();
    await replica.keep(join(clients.dir, 'kept'));
    const { id } = await halo.report(sampleReport('before it is taken over'));
    await halo.whenSettled();
    clients.server.commit([incident(2)]);
    await eventually(async () => expect(await halo.query(INCIDENTS)).toHaveLength(2));
    // What came since it was kept had not been written: rows, positions, and the pending report's row.
    await replica.fallBack();
    clients.server.commit([
      { shape: 'incidents?region=01', operation: 'update', value: { id: numberedId(1), severity: '5' } },
      incident(3),
    ]);
    await eventually(async () =>
      expect(await halo.query(INCIDENTS)).toEqual([
        { id: numberedId(1), severity: 5 },
        { id: numberedId(2), severity: 3 },
        { id: numberedId(3), severity: 3 },
      ]),
    );
    expect(clients.server.requests.filter(({ query }) => query.get('offset') === '-1')).toHaveLength(3);
    expect(clients.server.ledger.get(id)).toMatchObject({ status: 'applied' });
  });

  it('makes the tables again where who made them has ended before they were written', async () => {
    const { halo, replica } = await liveOnReplaceable();
    replica.keepNothing(await memoryPostgres());
    await replica.fallBack();
    await eventually(async () =>
      expect(await halo.query(INCIDENTS)).toEqual([{ id: numberedId(1), severity: 3 }]),
    );
  });
});

describe('a replica that fails later', () => {
  const refetches = () => clients.server.requests.filter(({ query }) => query.get('offset') === '-1').length;

  it('invariant 1: a full disk is named, holds up nothing else, and is gone on with when there is room', async () => {
    const disk = failingDiskUnder(clients.dir);
    const halo = await clients.device();
    await halo.whenLive();
    const before = refetches();
    disk.refuse('growth');
    clients.server.commit(Array.from({ length: 2_000 }, (_, n) => incident(n + 1)));
    const shown = () => halo.status().streams.find(({ shape }) => shape.startsWith('incidents'));
    await eventually(() => expect(shown()?.error?.code).toBe('replica_full'));
    const { id } = await halo.report(sampleReport('on a full disk'));
    await halo.whenSettled();
    expect(clients.server.ledger.get(id)).toMatchObject({ status: 'applied' });
    expect(await halo.query(INCIDENTS)).toEqual([]);
    const asked = clients.server.requests.length;
    disk.refuse('nothing');
    await eventually(async () => expect(await halo.query(INCIDENTS)).toHaveLength(2_000), {
      withinMs: 60_000,
    });
    // It looks with back-off, and reads nothing anew.
    expect(clients.server.requests.length - asked).toBeLessThan(20);
    expect([refetches(), disk.refused() > 0]).toEqual([before, true]);
  });

  it('invariant 1: gives its room up where reports find none, once for all of them, and is built anew at the next start', async () => {
    clients.server.commit([incident(1)]);
    const halo = await clients.device();
    await halo.whenLive();
    const before = refetches();
    const device = join(clients.dir, 'device');
    const account = readdirSync(device).find((name) => existsSync(join(device, name, 'replica')))!;
    const files = join(device, account, 'replica');
    const disk = await fillDisk(join(device, account, 'outbox', 'journal'), 10, files);
    const states: unknown[] = [];
    halo.onStatus(({ replica: { state } }) => state !== states.at(-1) && states.push(state));
    const queued = await Promise.all([1, 2, 3].map((n) => halo.report(sampleReport(`without room ${n}`))));
    expect(queued.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect([existsSync(files), disk.refused() > 0, states]).toEqual([false, true, ['unavailable']]);
    expect(halo.status().replica.error?.code).toBe('replica_gave_room');
    await halo.whenSettled();
    expect(clients.server.ledger.size).toBe(3);
    await expect(halo.query('SELECT 1')).rejects.toMatchObject({ code: 'replica_unavailable' });
    await expect(halo.verify()).rejects.toMatchObject({ code: 'replica_unavailable' });
    await eventually(() =>
      expect([...new Set(halo.status().streams.map(({ state }) => state))]).toEqual(['connecting']),
    );
    // What another report finds no room for leaves the replica where it is: nowhere.
    await halo.report(sampleReport('later'));
    expect([existsSync(files), refetches()]).toEqual([false, before]);
    await halo.close();
    const next = await clients.device();
    await next.whenLive();
    expect(await next.query(INCIDENTS)).toHaveLength(1);
    expect(next.status().replica).toEqual({ state: 'ready' });
  });

  it('invariant 7: a Postgres that crashes in the middle of a commit is opened again, and loses no row', async () => {
    const disk = failingDiskUnder(clients.dir);
    clients.server.commit([incident(1)]);
    const halo = await clients.device();
    await halo.whenLive();
    const before = refetches();
    // The write to its log is refused: it ends itself.
    disk.refuse('everything', 1);
    clients.server.commit([incident(2)]);
    await eventually(() => expect(disk.refused()).toBe(1));
    clients.server.commit([incident(3)]);
    await eventually(async () => expect(await halo.query(INCIDENTS)).toHaveLength(3), { withinMs: 60_000 });
    await halo.whenLive();
    expect([refetches(), halo.status().replica]).toEqual([before, { state: 'ready' }]);
    await halo.report(sampleReport('afterwards'));
    await halo.whenSettled();
    expect(clients.server.ledger.size).toBe(1);
  });

  it('invariant 1: a query that crashes Postgres harms nothing else', async () => {
    const halo = await clients.device();
    await halo.whenLive();
    // Deeper than WebAssembly's own stack: no error of Postgres, but the end of it.
    const crashing = halo.query("SELECT repeat('[', 10000000)::json");
    await expect(crashing).rejects.toMatchObject({ code: 'replica_crashed' });
    await halo.report(sampleReport('after the crash'));
    await halo.whenSettled();
    expect(await halo.query(MINE)).toMatchObject([{ description: 'after the crash' }]);
    clients.server.commit([incident(1)]);
    await eventually(async () => expect(await halo.query(INCIDENTS)).toHaveLength(1));
    expect(clients.server.ledger.size).toBe(1);
  });
});

/** A replica of which the statements that `when` picks fail, as those do whose leading tab has gone. */
function failing(database: ReplicaDatabase, when: (sql: string) => boolean): ReplicaDatabase {
  const refuse = async (sql: string) => {
    if (when(sql)) throw new HaloClientError('replica_interrupted', 'interrupted');
  };
  return replicaWith(database, {
    query: (sql, params) => refuse(sql).then(() => database.query(sql, params)),
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          query: (sql, params) => refuse(sql).then(() => tx.query(sql, params)),
          exec: (sql) => tx.exec(sql),
        }),
      ),
  });
}
