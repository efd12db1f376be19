import { hostname } from 'node:os';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { uuidv7 } from 'uuidv7';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Config } from '../config/config.ts';
import { ContactWriter } from '../inspector/contact-writer.ts';
import { DeviceBook } from '../inspector/device-book.ts';
import type { DeviceContacts } from '../inspector/device-contacts.ts';
import { Fleet } from '../inspector/fleet.ts';
import { Heads } from '../inspector/heads.ts';
import { createHistoryWriter } from '../inspector/history-writer.ts';
import { createInspectorSweep } from '../inspector/housekeeping.ts';
import { createInstanceReporter } from '../inspector/instance-reporter.ts';
import { Instances } from '../inspector/instances.ts';
import { observeDevices } from '../inspector/observe-devices.ts';
import { OpenChecks } from '../inspector/open-checks.ts';
import type { OwnReport } from '../inspector/own-report.ts';
import { inspectorRoutes } from '../inspector/routes.ts';
import type { InspectorRoutesParts } from '../inspector/routes.ts';
import { shapeTotals } from '../inspector/shape-totals.ts';
import { readStalledDevices } from '../inspector/stalled-devices.ts';
import type { Job } from '../jobs/job.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { supervise } from '../platform/service.ts';
import { sourceOf } from '../shape-api/shape-source.ts';
import type { AlertsOptions } from './alerts.ts';
import type { Closers } from './closers.ts';
import { readOpenAlerts } from './open-alerts.ts';
import type { ReadPath } from './read-path.ts';
import { settledStalls } from './settled-stalls.ts';
import type { Storage } from './storage.ts';
import type { Watching } from './watching.ts';

const nowMs = () => performance.now();
/** A token's life has nothing to do with what is looked at. */
const NEVER = new Date(8.64e15);

/** What the inspector needs from outside. */
export interface InspectorOptions {
  readonly storage: Pick<Storage, 'pool' | 'slotName'>;
  readonly config: Pick<Config, 'version' | 'alertWebhook'>;
  readonly watching: Watching;
  readonly readPath: ReadPath | undefined;
  readonly requireCaller: RequireCaller;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closers: Closers;
}

/** What hears devices, the routes that tell of them, and the job that forgets them. */
export interface Inspector {
  readonly contacts: DeviceContacts;
  readonly router: OpenAPIHono<CallerEnv>;
  readonly jobs: readonly Job[];
  /** Devices that got no further for this long, in milliseconds, though they asked. */
  readonly stalledDevices: AlertsOptions['stalledDevices'];
}

/** Begins to listen to devices, and to say in Postgres how this instance fares. */
export function openInspector(options: InspectorOptions): Inspector {
  const { config, storage, watching, readPath, requireCaller, clock, logger, closers } = options;
  const { pool, slotName } = storage;
  const { history, journal } = watching;
  const instance = slotName.slice('halo_'.length);
  const book = new DeviceBook(nowMs);
  const checks = new OpenChecks(nowMs);
  const ownReport = () => reportOf(options);
  const instances = new Instances({ db: pool, self: instance, ownReport });
  const head = () => readPath?.changeLog.position();
  const heads = new Heads({ history, instances, nowMs });
  const fleet = new Fleet({ pool, heads, clock, nowMs });
  const isTold = config.alertWebhook !== undefined;
  const openAlerts = () => readOpenAlerts(pool, { isTold, now: clock.now() });
  const services = [
    new ContactWriter({ pool, instance, book, checks, nowMs, logger }),
    createInstanceReporter({ pool, instance, ownReport, journal, history, head, nowMs, logger }),
    createHistoryWriter({ pool, fleet, instances, openAlerts, logger }),
  ];
  for (const service of services) {
    const running = supervise(service, logger);
    closers.add(service.name, () => running.stop());
  }
  const stalled = (forMs: number) => readStalledDevices({ pool, heads, history, clock, nowMs }, forMs);
  const headAt = (atMs: number) => history.headAt(atMs);
  return {
    contacts: observeDevices(book, checks),
    router: inspectorRoutes({
      ...{
        pool,
        requireCaller,
        catalog: CATALOG,
        permit,
        fleet,
        instances,
        openAlerts,
        newId: uuidv7,
        clock,
      },
    }),
    jobs: [createInspectorSweep(pool)],
    stalledDevices: readPath === undefined ? stalled : settledStalls({ read: stalled, headAt, nowMs }),
  };
}

/** What the shape API would let a person follow. */
export const permit: InspectorRoutesParts['permit'] = (definition, params, { userId, role }) => {
  const source = sourceOf(definition, params, 'default', { userId, role, sessionId: '', expiresAt: NEVER });
  return { definition, params: source.params };
};

function reportOf({ config: { version }, watching, readPath, clock }: InspectorOptions): OwnReport {
  const common = { host: hostname(), version };
  if (readPath === undefined) {
    const nothing = { lagBytes: null, lagMs: null, provedAge: null, contactAge: null, position: null };
    return { ...common, upstream: true, state: 'live', ...nothing, ...UNFOLLOWED };
  }
  const { lagWatch, replication, changeLog, engine } = readPath;
  const { state, bytes, seconds, provedSeconds } = lagWatch.lag();
  const { lastContactAt } = replication.status();
  const wallMs = clock.now().getTime();
  const now = nowMs();
  const { position, head } = engine.status();
  const age = (lsn: bigint) => {
    const passed = watching.history.passedMs(lsn);
    return passed === undefined ? undefined : now - passed;
  };
  return {
    ...common,
    upstream: false,
    state,
    lagBytes: bytes ?? null,
    lagMs: seconds * 1_000,
    provedAge: provedSeconds === undefined ? null : provedSeconds * 1_000,
    contactAge: lastContactAt === undefined ? null : Math.max(0, wallMs - lastContactAt.getTime()),
    position: String(head),
    undispatched: Number(head > position ? head - position : 0n),
    log: { bytes: changeLog.bytes(), start: String(changeLog.start()), epoch: changeLog.epoch },
    ...shapeTotals({ catalog: CATALOG, views: engine.views(), age, nowMs: wallMs }),
  };
}

/** Of what another server has. */
const UNFOLLOWED = { undispatched: null, log: null, shapes: [], views: [] };
