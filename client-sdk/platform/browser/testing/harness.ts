import type { Halo } from '../../../api.ts';
import { openHalo } from '../../../open-halo.ts';
import { OUTBOX_CASES } from '../../../outbox/outbox-contract.ts';
import { BrowserConnection } from '../database.ts';
import { browserStore } from '../index.ts';
import type { Harness } from './harness-api.ts';
import { timeToMakeEmpty, timeToOpen, timeToOpenAlone } from './time-to-open.ts';

const OPTIONS = {
  url: location.origin,
  auth: { email: 'ann@halo.example', password: 'right password' },
};
const incidentsOf = (region: string) => [{ name: 'incidents', params: { region } }];

/** Where PGlite keeps the replica of this store, of which one account has been opened. */
async function replicaOf(store: string): Promise<IDBDatabaseInfo> {
  const all = await indexedDB.databases();
  return all.find(({ name }) => name?.startsWith(`/pglite/halo-${store}-`) === true)!;
}

/** How many files PGlite has stored there, and when the newest was written; waits for a write that is under way. */
function filesOf(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onerror = () => reject(request.error ?? new Error('not opened'));
    request.onsuccess = () => {
      const files = request.result.transaction('FILE_DATA').objectStore('FILE_DATA');
      const [count, newest] = [files.count(), files.index('timestamp').openKeyCursor(null, 'prev')];
      files.transaction.oncomplete = () => {
        request.result.close();
        resolve(`${count.result} ${Number(newest.result?.key)}`);
      };
    };
  });
}

let open: Halo | undefined;
let alone: { close(): Promise<void> } | undefined;
const harness: Harness = {
  outboxCases: () => OUTBOX_CASES.map(({ title }) => title),
  async runOutboxCase(title) {
    const rule = OUTBOX_CASES.find((candidate) => candidate.title === title)!;
    const name = crypto.randomUUID();
    let store = browserStore(name);
    try {
      await rule.run(await store.openOutbox('account'), async () => {
        await store.close();
        store = browserStore(name);
        return store.openOutbox('account');
      });
      return 'passed';
    } catch (error) {
      return String(error);
    }
  },
  async appendFromSeveralTabs(count) {
    const outbox = await browserStore('shared').openOutbox('account');
    const createdAt = new Date().toISOString();
    const stored = await Promise.all(
      Array.from({ length: count }, () =>
        outbox.append({ id: crypto.randomUUID(), type: 'report.create', createdAt, args: {} }),
      ),
    );
    return stored.map(({ seq }) => seq);
  },
  async open(store, region = '01') {
    open = await openHalo({ ...OPTIONS, store: browserStore(store), shapes: incidentsOf(region) });
  },
  async openOutboxOnly(name) {
    const openReplica = () => Promise.reject(new Error('opened without a replica'));
    const store = { ...browserStore(name), openReplica };
    open = await openHalo({ ...OPTIONS, store, shapes: [] });
  },
  async timedOpen(store, email, password) {
    const { halo, times } = await timeToOpen(() =>
      openHalo({
        url: location.origin,
        store: browserStore(store),
        auth: { email, password },
        shapes: [{ name: 'incidents', params: { region: '01' } }],
      }),
    );
    open = halo;
    return times;
  },
  async timedPostgres(store) {
    const name = store === undefined ? 'alone' : (await replicaOf(store)).name!.replace('/pglite/', '');
    const begin = async () => {
      const { PGlite } = await import('@electric-sql/pglite');
      return PGlite.create({ dataDir: `idb://${name}`, relaxedDurability: true });
    };
    const { postgres, times } = await (store === undefined ? timeToMakeEmpty(begin) : timeToOpenAlone(begin));
    alone = postgres;
    return times;
  },
  async cutOffFirstStart(like, cutOff) {
    const { name, version } = await replicaOf(like);
    const request = indexedDB.open(name!.replace(like, cutOff), version);
    request.onupgradeneeded = () =>
      request.result.createObjectStore('FILE_DATA').createIndex('timestamp', 'timestamp');
    await new Promise((resolve) => (request.onsuccess = resolve));
    request.result.close();
  },
  async destroyReplica(store) {
    const prefix = `/pglite/halo-${store}-`;
    const { name } = (await indexedDB.databases()).find((each) => each.name?.startsWith(prefix) === true)!;
    await browserStore(store).destroyReplica(name!.slice(prefix.length));
  },
  async replicas() {
    const all = await indexedDB.databases();
    return all.flatMap(({ name }) => (name?.startsWith('/pglite/') === true ? [name] : []));
  },
  async fillQueue(store, count) {
    const connection = new BrowserConnection(store);
    await connection.use(async (database) => {
      const tx = database.transaction(['counters', 'mutations'], 'readwrite');
      const [counters, mutations] = [tx.objectStore('counters'), tx.objectStore('mutations')];
      const first = (await mutations.get(IDBKeyRange.lowerBound(['', 0])))!;
      const others = Array.from({ length: count - 1 }, (_, n) =>
        mutations.add({ ...first, seq: n + 2, id: crypto.randomUUID() }),
      );
      await Promise.all([...others, counters.put(count, first.account), tx.done]);
    });
    connection.close();
  },
  takeStore: (store, how) =>
    new Promise((resolve, reject) => {
      const request = indexedDB[how](`halo-${store}`, 2);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error ?? new Error('not opened'));
    }),
  async kept(store) {
    const name = (await replicaOf(store)).name!;
    for (let [before, now] = ['', await filesOf(name)]; before !== now;) {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      [before, now] = [now, await filesOf(name)];
    }
  },
  async close() {
    await (open ?? alone)?.close();
  },
  halo: () => open!,
  report: (description) =>
    open!.report({
      type: 'theft',
      severity: 3,
      occurredAt: '2026-01-01T12:00:00.000Z',
      description,
      location: { lat: 59.33, lon: 18.06, accuracyM: 10 },
    }),
  async reportMany(name, from, to) {
    for (let n = from; n <= to; n += 1) {
      await harness.report(`${name} ${n}`);
      // The test hears of it at once, and still when this page is killed a moment later.
      // eslint-disable-next-line no-console -- how a page tells what drives it
      console.log(`kept ${name} ${n}`);
    }
  },
};
Object.assign(globalThis, { harness });
