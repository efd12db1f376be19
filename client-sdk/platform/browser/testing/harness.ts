import type { Halo } from '../../../api.ts';
import { openHalo } from '../../../open-halo.ts';
import { OUTBOX_CASES } from '../../../outbox/outbox-contract.ts';
import { browserStore } from '../index.ts';
import type { Harness } from './harness-api.ts';
import { timeToOpen } from './time-to-open.ts';

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
    open = await openHalo({
      url: location.origin,
      store: browserStore(store),
      auth: { email: 'ann@halo.example', password: 'right password' },
      shapes: [{ name: 'incidents', params: { region } }],
    });
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
  halo: () => open!,
  report: (description) =>
    open!.report({
      type: 'theft',
      severity: 3,
      occurredAt: '2026-01-01T12:00:00.000Z',
      description,
      location: { lat: 59.33, lon: 18.06, accuracyM: 10 },
    }),
};
Object.assign(globalThis, { harness });
