import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Root } from 'react-dom/client';
import type { Halo } from '../../api.ts';
import { openHalo } from '../../open-halo.ts';
import { browserStore } from '../../platform/browser/index.ts';
import { HaloProvider, useLive, useOutbox, useReport, useStatus } from '../index.ts';
import type { Reporting } from '../index.ts';
import type { ReactHarness, Rendering } from './harness-api.ts';

const INCIDENTS_SQL = 'SELECT id, region FROM incidents WHERE region = $1 ORDER BY id';

const renderings: Rendering[] = [];
const count = { begun: 0, open: 0 };
let root: Root | undefined;
let device: Halo | undefined;
let reporting: Reporting | undefined;

function Screen({ region }: { readonly region: string }) {
  const { network, outbox } = useStatus();
  const incidents = useLive(INCIDENTS_SQL, [region]);
  const entries = useOutbox();
  const form = useReport();
  const seen = (): Rendering => {
    const { saving, error } = form;
    const shown = error === undefined ? undefined : { code: error.code, field: error.field };
    return { region, incidents, entries, network, outbox, saving, error: shown };
  };
  return <Shown seen={seen()} onShown={() => (reporting = form)} />;
}

/** Keeps what was rendered, once it is on the page. */
function Shown({ seen, onShown }: { readonly seen: Rendering; readonly onShown: () => void }) {
  const keep = (element: HTMLElement | null) => {
    if (element === null) return;
    renderings.push(seen);
    onShown();
  };
  return <p ref={keep}>{seen.incidents?.length ?? 'nothing yet'}</p>;
}

/** The device, with its subscriptions counted. */
function counted(halo: Halo): Halo {
  const counting = (off: () => void) => {
    count.open += 1;
    return () => {
      count.open -= 1;
      off();
    };
  };
  return new Proxy(halo, {
    get(target, name) {
      if (name === 'onStatus')
        return (...args: Parameters<Halo['onStatus']>) => counting(target.onStatus(...args));
      if (name === 'live') {
        return (...args: Parameters<Halo['live']>) => {
          count.begun += 1;
          return counting(target.live(...args));
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const harness: ReactHarness = {
  async mount(region) {
    const halo = await openHalo({
      url: location.origin,
      store: browserStore('hooks'),
      auth: { email: 'ann@halo.example', password: 'right password' },
      shapes: ['01', '12'].map((value) => ({ name: 'incidents', params: { region: value } })),
    });
    device = counted(halo);
    root = createRoot(document.getElementById('root')!);
    harness.show(region);
  },
  show(region) {
    root!.render(
      <StrictMode>
        <HaloProvider halo={device!}>
          <Screen region={region} />
        </HaloProvider>
      </StrictMode>,
    );
  },
  unmount: () => root!.unmount(),
  renderings: () => renderings,
  subscriptions: () => ({ ...count }),
  report: (severity, description) =>
    reporting!.report({
      type: 'theft',
      severity,
      occurredAt: '2026-01-01T12:00:00.000Z',
      description,
      location: { lat: 59.33, lon: 18.06, accuracyM: 10 },
    }),
  resend: (id, description) => reporting!.resend(id, { description }),
};
Object.assign(globalThis, { reactHarness: harness });
