import type { Halo } from '../../../api.ts';
import { openHalo } from '../../../open-halo.ts';
import { OUTBOX_CASES } from '../../../outbox/outbox-contract.ts';
import { BrowserConnection } from '../database.ts';
import { browserStore } from '../index.ts';
import type { Harness } from './harness-api.ts';
import { timeToOpen } from './time-to-open.ts';

const OPTIONS = {
  url: location.origin,
  auth: { email: 'ann@halo.example', password: 'right password' },
};
const incidentsOf = (region: string) => [{ name: 'incidents', params: { region } }];

let open: Halo | undefined;
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
  async cutOffFirstStart(like, cutOff) {
    const all = await indexedDB.databases();
    const { name, version } = all.find((each) => each.name?.startsWith(`/pglite/halo-${like}-`) === true)!;
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
