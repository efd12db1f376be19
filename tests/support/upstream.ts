import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMiddleware } from 'hono/factory';
import { onTestFinished } from 'vitest';
import type { CallerEnv, OpenSessions, RequireCaller } from '../../server/auth/identity.ts';
import { createApp } from '../../server/http/app.ts';
import { listen } from '../../server/http/listen.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { rawShapeRoutes } from '../../server/raw-shapes/raw-routes.ts';
import { shapeRoutes } from '../../server/shape-api/routes.ts';
import { createHttpUpstream } from '../../server/shape-api/upstream/http-upstream.ts';
import type { HttpUpstreamOptions } from '../../server/shape-api/upstream/http-upstream.ts';
import type { ShapeUpstream } from '../../server/shape-api/upstream/shape-upstream.ts';
import { UpstreamShapes } from '../../server/shape-api/upstream/upstream-shapes.ts';
import { createShapeEngine } from '../../server/shape-engine/engine.ts';
import type { ShapeEngine } from '../../server/shape-engine/shape-engine.ts';
import { createSubsetChecker } from '../../server/shape-engine/subset-checker.ts';
import type { TestDatabase } from './database.ts';
import { startReadPath } from './read-path.ts';
import type { TestReadPath, TestReadPathOptions } from './read-path.ts';

/** Found nowhere but in requests to the upstream, or it has leaked. */
export const UPSTREAM_SECRET = 'the-secret-of-the-upstream';

/** A Halo with its raw endpoint, which another one asks. */
export interface RawUpstream {
  readonly url: string;
  readonly engine: ShapeEngine;
  readonly readPath: TestReadPath;
  stop(): Promise<void>;
}

/** Starts it; with `dir`, `slotName` and `port` of a former one it goes on from there. Stops with the test. */
export async function startRawUpstream(
  database: TestDatabase,
  options: TestReadPathOptions & {
    readonly port?: number;
    readonly deletes?: boolean;
  } = {},
): Promise<RawUpstream> {
  const { port = 0, deletes = false, ...from } = options;
  const readPath = await startReadPath(database, from);
  await readPath.caughtUp();
  const cacheDir = mkdtempSync(join(tmpdir(), 'halo-upstream-'));
  const { pool } = database;
  const common = { pool, clock: systemClock, random: Math.random };
  const engine = await createShapeEngine({
    ...common,
    changeLog: readPath.log,
    cacheDir,
    logger: createLogger('error'),
  });
  const raw = rawShapeRoutes({ ...common, engine, publication: 'halo', secret: UPSTREAM_SECRET, deletes });
  const listening = await listen(
    appOf([raw], () => {}),
    '127.0.0.1',
    port,
    0,
  );
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await engine.close();
    await listening.close();
    await readPath.stop();
    rmSync(cacheDir, { recursive: true, force: true });
  };
  const upstream = { url: listening.url, engine, readPath, stop: () => (stopped ??= stop()) };
  onTestFinished(() => upstream.stop());
  return upstream;
}

/** A Halo whose named shapes another server answers. */
export interface FrontServer {
  readonly url: string;
  readonly upstream: ShapeUpstream;
  /** All that it has logged. */
  log(): string;
  stop(): Promise<void>;
}

export interface FrontOptions extends Omit<HttpUpstreamOptions, 'url' | 'secret'> {
  readonly catalog?: ReadonlyMap<string, ShapeDefinition>;
  /** Real accounts; without them everybody is taken at his word (`Authorization: <user id>`). */
  readonly auth?: { readonly requireCaller: RequireCaller; readonly openSessions: OpenSessions };
}

/** Starts it before the server at `url`. Stops with the test. */
export async function startFront(
  { pool }: TestDatabase,
  url: string,
  options: FrontOptions = {},
): Promise<FrontServer> {
  const { catalog = CATALOG, auth = trusting(), ...bounds } = options;
  const upstream = createHttpUpstream({ url: new URL(url), secret: UPSTREAM_SECRET, ...bounds });
  const subsets = await createSubsetChecker(pool);
  const clock = systemClock;
  const shapes = new UpstreamShapes({ upstream, subsets, clock });
  const routes = shapeRoutes({ ...auth, catalog, upstream: shapes, clock, random: Math.random });
  let log = '';
  const listening = await listen(
    appOf([routes], (line) => void (log += line)),
    '127.0.0.1',
    0,
    0,
  );
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    upstream.endWaits();
    await listening.close();
    upstream.close();
  };
  const front = { url: listening.url, upstream, log: () => log, stop: () => (stopped ??= stop()) };
  onTestFinished(() => front.stop());
  return front;
}

function appOf(routers: Parameters<typeof createApp>[0]['routers'], write: (line: string) => void) {
  return createApp({
    routers,
    logger: createLogger('debug', { write }),
    metrics: createMetrics(),
    version: 'test',
    readiness: [],
    webApps: [],
  });
}

function trusting(): NonNullable<FrontOptions['auth']> {
  return {
    requireCaller: () =>
      createMiddleware<CallerEnv>(async (c, next) => {
        const userId = c.req.header('authorization') ?? '';
        const expiresAt = new Date(Date.now() + 3_600_000);
        c.set('caller', { userId, role: 'reporter', sessionId: crypto.randomUUID(), expiresAt });
        await next();
      }),
    openSessions: { watch: () => () => {}, confirm: (caller) => Promise.resolve(caller) },
  };
}
