import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import type { MiddlewareHandler } from 'hono';
import { areaRoutes } from '../areas/routes.ts';
import type { FirstOperator } from '../auth/first-operator.ts';
import type { RequireCaller } from '../auth/identity.ts';
import type { Config } from '../config/config.ts';
import { createApp } from '../http/app.ts';
import { runningVersions } from '../inspector/instances.ts';
import { cors } from '../http/cors.ts';
import { guardMetrics } from '../http/guard-metrics.ts';
import { limitForgeries } from '../http/limit-forgeries.ts';
import type { AppOptions } from '../http/app.ts';
import { consoleApp, fieldApp } from '../http/static-routes.ts';
import { listen } from '../http/listen.ts';
import type { Listening } from '../http/listen.ts';
import { warnOfUncountedProxy } from '../http/uncounted-proxy.ts';
import { createLeases } from '../jobs/lease.ts';
import { restoreRoutes } from '../operations/backups/routes.ts';
import { systemClock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { privacyRoutes } from '../privacy/routes.ts';
import { noteReaders } from '../shape-api/note-readers.ts';
import { createReportWriter } from '../reports/report-writer.ts';
import { admissionRouter } from './admission.ts';
import { alertRouter, openWebhook, startAlerts } from './alerts.ts';
import type { AlertTuning } from './alerts.ts';
import { admitCallers } from '../shape-api/admit-callers.ts';
import type { ShapeUpstream } from '../shape-api/upstream/shape-upstream.ts';
import { accountRouters, openAuth } from './auth.ts';
import type { Auth } from './auth.ts';
import { openBackups } from './backups.ts';
import { createClosers } from './closers.ts';
import type { Closers } from './closers.ts';
import { openInspector } from './inspector.ts';
import { startJobs } from './jobs.ts';
import { openPredictions } from './predictions.ts';
import { readinessChecks } from './observation.ts';
import { openObserved } from './observed.ts';
import { createRateLimits, limitCallers } from './rate-limits.ts';
import { openReadPath } from './read-path.ts';
import type { ReadPath } from './read-path.ts';
import { openRealtime } from './realtime.ts';
import type { Realtime } from './realtime.ts';
import { shapeRouters } from './shape-routers.ts';
import { openStorage } from './storage.ts';
import { openUpstream } from './upstream.ts';
import { createWatching } from './watching.ts';
import { writeRoutes } from './write-routes.ts';

/** Web apps, of which those are served that have been built. */
const WEB_APPS = [
  consoleApp(fileURLToPath(new URL('../console/dist', import.meta.url))),
  fieldApp(fileURLToPath(new URL('../../client-sdk/field-app/dist', import.meta.url))),
];

/** A server that answers requests. */
export interface RunningServer {
  readonly url: string;
  /** Drains requests, then closes everything in the reverse order of its opening. */
  stop(): Promise<void>;
}

/** What the process around the server gives it, or a test makes other. */
export interface ServerOptions {
  /** Told of each request that was answered. */
  readonly trace?: AppOptions['trace'];
  readonly alerts?: AlertTuning;
  /** Where what is opened is noted, for whoever must close it without a server. */
  readonly closers?: Closers;
  /** Ends a start that waits for other instances; it fails with the signal's reason. */
  readonly stop?: AbortSignal;
}

/**
 * Builds and starts the whole server; on failure whatever was opened is closed again. `onFirstOperator` is told
 * of a generated password as soon as it is in Postgres: a start that fails afterwards (a port in use) must not
 * lose it.
 */
export async function startServer(
  config: Config,
  logger: Logger,
  onFirstOperator: (made: FirstOperator) => void,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const { closers = createClosers(logger) } = options;
  try {
    return await open(config, logger, closers, onFirstOperator, options);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function open(
  config: Config,
  logger: Logger,
  closers: Closers,
  onFirstOperator: (made: FirstOperator) => void,
  options: ServerOptions,
): Promise<RunningServer> {
  const clock = systemClock;
  const storage = await openStorage(config, logger, closers, options.stop);
  const { pool, gazetteer } = storage;
  const auth = await openAuth(config, pool, clock, logger);
  const { requireCaller, openSessions, firstOperator } = auth;
  if (firstOperator !== undefined) onFirstOperator(firstOperator);
  const watching = createWatching();
  const readPath = config.ownReadPath
    ? await openReadPath(config, storage, clock, logger, closers, watching)
    : undefined;
  const upstream = openUpstream(config, logger, closers);
  const writer = createReportWriter({ newId: uuidv7 });
  const observed = openObserved({ config, pool, readPath, upstream, clock, logger });
  const { metrics, admission, shares, contacts, unknownTypes, deliveries } = observed;
  const realtime = openRealtime({ config, auth, readPath, gazetteer, metrics, clock, logger });
  if (realtime.hub !== undefined) closers.add('realtime', () => realtime.hub?.close());

  const limits = createRateLimits(config, pool);
  const requireReader = limitCallers(requireCaller, limits.reads);
  const leases = createLeases({ databaseUrl: storage.databaseUrl, logger });
  const common = { config, storage, leases, webhook: openWebhook(config, logger), clock, logger, closers };
  const read = { ...common, requireCaller: requireReader };
  const predictions = openPredictions({ ...read, metrics });
  const inspector = openInspector({ ...read, watching, readPath });
  const { contacts: devices, stalledDevices } = inspector;
  const admitted = (guard: RequireCaller) => admitCallers(guard, shares, limits.auth.addressOf);
  const shapes = await shapeRouters({
    ...{ config, pool, readPath, upstream, deliveries, openSessions, clock },
    tally: observed.checksums,
    requireCaller: admitted(noteReaders(contacts, devices.observing(requireCaller))),
    requireChecker: admitted(limitCallers(requireCaller, limits.checksums)),
  });
  const written = { pool, gazetteer, writer, requireCaller, clock, logger };
  const app = createApp({
    routers: [
      admissionRouter(admission),
      ...accountRouters(auth, { pool, requireReader, limits: limits.auth, clock }),
      ...writeRoutes({ ...written, limits, tally: observed.mutations, contacts: devices }),
      areaRoutes({ pool, gazetteer, requireCaller: requireReader }),
      privacyRoutes(pool, limitCallers(requireCaller, limits.exports)),
      ...predictions.routers,
      alertRouter(common, limits, requireCaller),
      restoreRoutes(pool, requireReader),
      inspector.router,
      ...shapes,
      realtime.router,
    ],
    logger,
    metrics,
    ...(options.trace && { trace: options.trace }),
    version: config.version,
    guards: guardsOf(config, limits, auth, logger),
    readiness: readinessChecks(pool, readPath, upstream),
    runningVersions: () => runningVersions(pool, config.version),
    webApps: WEB_APPS.filter(({ dir }) => existsSync(join(dir, 'index.html'))),
  });
  const others = [...predictions.jobs, ...inspector.jobs, ...(await openBackups(common))];
  const jobs = startJobs({ ...common, metrics, writer, unknownTypes, others }).expected();
  startAlerts({ ...common, readPath, observed, stalledDevices, jobs, tuning: options.alerts });
  const listening = await listen(app, config.host, config.port);
  return { url: listening.url, stop: () => stopAll({ realtime, readPath, upstream, listening, closers }) };
}

/** What every request passes, in this order. */
function guardsOf(
  { corsOrigins, metricsAccess, proxies }: Config,
  { forgeries, auth: { addressOf } }: ReturnType<typeof createRateLimits>,
  { identify, requireCaller }: Auth,
  logger: Logger,
): MiddlewareHandler[] {
  return [
    warnOfUncountedProxy(proxies, logger),
    cors(corsOrigins),
    limitForgeries(forgeries, addressOf, (authorization) => identify.isUnknown(authorization)),
    guardMetrics(metricsAccess, requireCaller),
  ];
}

interface Running {
  readonly realtime: Realtime;
  readonly readPath: ReadPath | undefined;
  readonly upstream: ShapeUpstream | undefined;
  readonly listening: Listening;
  readonly closers: Closers;
}

async function stopAll({ realtime, readPath, upstream, listening, closers }: Running): Promise<void> {
  // Sockets never end by themselves, and a listener waits for all its connections.
  await realtime.hub?.close();
  // Waiting readers are answered first, so that closing the listener need not wait for them.
  await readPath?.engine.close();
  upstream?.endWaits();
  await listening.close();
  await closers.closeAll();
}
