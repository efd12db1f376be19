import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { memoryPostgres } from '../support/prepared-replica.ts';
import { HaloClientError } from '@halo/client';
import type { DeviceStore, Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import type { OutboxStore } from '../../client-sdk/outbox/outbox-store.ts';
import type { ReplicaDatabase } from '../../client-sdk/replica/replica-database.ts';
import { oneByOne } from '../../client-sdk/platform/one-by-one.ts';
import type { TabMessage, Tabs } from '../../client-sdk/platform/tabs.ts';
import { newMutation } from '../../client-sdk/outbox/entries.ts';
import { PendingMutations } from '../../client-sdk/replica/pending/pending-mutations.ts';
import { openReplica, rebuildPending } from '../../client-sdk/replica/replica.ts';
import { REPORT_CREATE } from '@halo/shapes/mutations/report-create.ts';
import { outboxWith, replicaWith, useClients } from './client-fixtures.ts';
import { ReplaceableReplica } from './client-replaceable-replica.ts';
import { MINE, incident, numberedId, sampleReport } from './client-samples.ts';
import { tabGroup } from './client-tab-group.ts';

const clients = useClients();

describe('clients that share a store', () => {
  it('invariant 1: a report that is queued is not said to have failed, whatever fails after that', async () => {
    await clients.server.stop();
    const store = nodeStore(join(clients.dir, 'device'));
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

  it('invariant 1: who follows a leader that died without a word counts and shows what that one left', async () => {
    await clients.server.stop();
    const tab = new FollowingTab(nodeStore(join(clients.dir, 'device')));
    const halo = await clients.device({ store: tab.store });
    const { id } = await halo.report(sampleReport('settled by the leader'));
    const shown: unknown[] = [];
    halo.live(MINE, [], (rows) => shown.push(rows));
    await eventually(() => expect(shown.at(-1)).toMatchObject([{ id }]));
    const settled = halo.whenSettled();
    await tab.outbox!.settleApplied(id);
    await new PendingMutations(tab.replica!).remove(id);
    tab.leads();
    await settled;
    await eventually(() => expect(shown.at(-1)).toEqual([]));
  });

  it('shows a report that went with the tab that ran the replica, although it did not sync then', async () => {
    await clients.server.stop();
    const replica = new ReplaceableReplica();
    const store = nodeStore(join(clients.dir, 'device'));
    const openReplica = async (account: string) => replica.open(await store.openReplica(account));
    const tab = new FollowingTab({ ...store, openReplica });
    const halo = await clients.device({ store: tab.store });
    await eventually(() => expect(halo.status().replica.state).toBe('ready'));
    await replica.keep(join(clients.dir, 'kept'));
    const { id } = await halo.report(sampleReport('not yet written'));
    await replica.fallBack();
    expect(await halo.query(MINE)).toEqual([]);
    tab.leads();
    await eventually(async () =>
      expect(await halo.query(MINE)).toMatchObject([{ id, sync_state: 'queued' }]),
    );
  });

  it('one without a replica leaves the lead to the next that has one, and shows meanwhile nothing as live', async () => {
    clients.server.commit([incident(1)]);
    const store = nodeStore(join(clients.dir, 'device'));
    const tab = tabGroup();
    const outbox = await store.openOutbox('shared');
    const shared = { ...store, openOutbox: async () => outboxWith(outbox, { close: async () => {} }) };
    const open = (openReplica: DeviceStore['openReplica']) =>
      clients.device({ store: { ...shared, tabs: tab, close: async () => {}, openReplica } });
    const none = () => Promise.reject(new Error('no memory'));
    const [first, unable] = [await open(store.openReplica), await open(none)];
    await first.whenLive();
    const next = await open(() => memoryPostgres());
    const states = (halo: Halo) => halo.status().streams.map(({ state }) => state);
    await eventually(() => expect(states(unable)).toEqual(['live', 'live', 'live']));
    await eventually(() => expect(next.status().replica.state).toBe('ready'));
    let reached: () => void = () => {};
    const leads = new Promise<void>((resolve) => (reached = resolve));
    unable.onStatus(() => states(unable).includes('connecting') && reached());
    await first.close();
    await leads;
    await eventually(async () =>
      expect(await next.query('SELECT id FROM incidents')).toEqual([{ id: numberedId(1) }]),
    );
    await eventually(() => expect(states(unable)).toEqual(['live', 'live', 'live']));

    // Nobody is left that has one: the queue is delivered all the same, and the status claims nothing.
    await next.close();
    const { id } = await unable.report(sampleReport('without a replica'));
    await unable.whenSettled();
    expect(clients.server.ledger.get(id)).toMatchObject({ status: 'applied' });
    expect(states(unable)).toEqual(['connecting', 'connecting', 'connecting']);
    await unable.close();
    await outbox.close();
  });

  it('invariant 1: the leading tab gives its replica up for a report of another tab that finds no room', async () => {
    const store = nodeStore(join(clients.dir, 'device'));
    const tab = tabGroup();
    const outbox = await store.openOutbox('shared');
    let [holders, isThere, destroyed] = [0, true, 0];
    const full = () => Promise.reject(new HaloClientError('store_full', 'no room'));
    const open = () =>
      clients.device({
        store: {
          ...store,
          tabs: tab,
          close: async () => {},
          openOutbox: async () =>
            outboxWith(outbox, {
              append: (mutation) => (isThere ? full() : outbox.append(mutation)),
              close: async () => {},
            }),
          async openReplica() {
            const database = await memoryPostgres();
            holders += 1;
            return replicaWith(database, {
              close: () => database.close().finally(() => (holders -= 1)),
            });
          },
          // As browsers do: not before the last tab has let go of it.
          async destroyReplica() {
            await eventually(() => expect(holders).toBe(0));
            isThere = false;
            destroyed += 1;
          },
        },
      });
    const leading = await open();
    await leading.whenLive();
    const following = await open();
    await eventually(() => expect(following.status().replica.state).toBe('ready'));
    const queued = await Promise.all(['one', 'two'].map((text) => following.report(sampleReport(text))));
    expect([queued.map(({ seq }) => seq), destroyed]).toEqual([[1, 2], 1]);
    for (const halo of [leading, following]) {
      const { state, error } = halo.status().replica;
      expect([state, error?.code]).toEqual(['unavailable', 'replica_gave_room']);
      await eventually(() =>
        expect([...new Set(halo.status().streams.map((stream) => stream.state))]).toEqual(['connecting']),
      );
    }
    await following.whenSettled();
    expect(clients.server.ledger.size).toBe(2);
    await leading.close();
    // Delivery goes on in the tab that leads next, without a replica.
    await following.report(sampleReport('three'));
    await following.whenSettled();
    expect(clients.server.ledger.size).toBe(3);
    await following.close();
    await outbox.close();
  });

  it('a tab that opens leaves the row of a report alone that another queues at that moment', async () => {
    const store = nodeStore(join(clients.dir, 'device'));
    const [outbox, replica] = [await store.openOutbox('a'), await openReplica(store, 'a')];
    const otherTab = new PendingMutations(replica.database);
    const queue = async (description: string) => {
      const mutation = newMutation(REPORT_CREATE, sampleReport(description), Date.now());
      await otherTab.add([await outbox.append(mutation)]);
    };
    await queue('before');
    const opening = outboxWith(outbox, {
      async pending(...given) {
        const read = await outbox.pending(...given);
        await queue('meanwhile');
        return read;
      },
    });
    await rebuildPending(replica, opening);
    expect(await replica.query(MINE, [])).toMatchObject([
      { description: 'before' },
      { description: 'meanwhile' },
    ]);
    await replica.database.close();
    await outbox.close();
    await store.close();
  });
});

describe('a client whose account another tab logs out of', () => {
  it('invariant 8: leaves no session behind, though it logs in again before it hears of that', async () => {
    const tab = new FollowingTab(nodeStore(join(clients.dir, 'device')));
    const halo = await clients.device({ store: tab.store });
    tab.leads();
    await halo.whenLive();
    const { settings } = tab.store;
    const session = `session.${tab.account}`;
    await settings.delete(session);
    clients.server.endSessions();
    clients.server.rotate();
    await eventually(async () => expect(await settings.get(session)).toBeDefined());
    tab.tell({ kind: 'logged_out' });
    await eventually(async () => expect(await settings.get(session)).toBeUndefined());
    await eventually(() => expect(clients.server.count('/api/v1/auth/logout')).toBe(1));
  });

  it('invariant 8: leaves the session alone that has been begun after that', async () => {
    const tab = new FollowingTab(nodeStore(join(clients.dir, 'device')));
    const halo = await clients.device({ store: tab.store });
    tab.leads();
    await halo.whenLive();
    const { settings } = tab.store;
    const session = `session.${tab.account}`;
    const others = JSON.stringify({ accessToken: 'a', refreshToken: 'of the other tab', expiresAtMs: 0 });
    await settings.set(session, others);
    tab.tell({ kind: 'logged_out' });
    await halo.close();
    expect(await settings.get(session)).toBe(others);
  });
});

/** A store whose client follows another one, of which nothing is heard, until it is told to lead. */
class FollowingTab {
  readonly store: DeviceStore;
  account = '';
  outbox: OutboxStore | undefined;
  replica: ReplicaDatabase | undefined;
  leads: () => void = () => {};
  readonly tell: (message: TabMessage) => void;

  constructor(store: DeviceStore) {
    const listeners = new Set<(message: TabMessage) => void>();
    this.tell = (message) => [...listeners].forEach((hear) => hear(message));
    const gone = new Promise<void>((resolve) => (this.leads = resolve));
    const tabs: Tabs = {
      many: true,
      async lead(stop, lead) {
        const stopped = new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
        await Promise.race([gone, stopped]);
        if (!stop.aborted) await lead(stop);
      },
      tell: () => {},
      exclusively: oneByOne(),
      onTold: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    this.store = {
      ...store,
      tabs: () => tabs,
      openOutbox: async (account) => {
        this.account = account;
        return (this.outbox = await store.openOutbox(account));
      },
      openReplica: async (account) => (this.replica = await store.openReplica(account)),
    };
  }
}
