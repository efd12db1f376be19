import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { createMiddleware } from 'hono/factory';
import type { Caller, CallerEnv, OpenSessions, RequireCaller } from '../../server/auth/identity.ts';
import type { ChangeLog, LogChunk } from '../../server/change-log/change-log.ts';
import { listen } from '../../server/http/listen.ts';
import { answerProblem } from '../../server/http/problem.ts';
import { strictPath } from '../../server/http/strict-path.ts';
import { systemClock } from '../../server/platform/clock.ts';
import type { Clock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createRouter } from '../../server/platform/router.ts';
import { checksumRoutes } from '../../server/shape-api/checksum-routes.ts';
import { ChecksumTally } from '../../server/shape-api/checksum-tally.ts';
import { shapeRoutes } from '../../server/shape-api/routes.ts';
import { createShapeEngine } from '../../server/shape-engine/engine.ts';
import type { ShapeEngine } from '../../server/shape-engine/shape-engine.ts';
import type { TestDatabase } from './database.ts';
import { startReadPath } from './read-path.ts';
import type { TestReadPath, TestReadPathOptions } from './read-path.ts';

/** The whole read path of one instance, over real HTTP: replication, change log, engine and API. */
export interface ShapeServer {
  readonly url: string;
  readonly readPath: TestReadPath;
  readonly engine: ShapeEngine;
  readonly tally: ChecksumTally;
  /** Where the engine keeps its snapshots. */
  readonly cacheDir: string;
  /** Ends it in order; its log and slot stay and can be started again from. */
  stop(): Promise<void>;
}

/** More routes of the same server. */
export interface BesideShapes {
  readonly router: OpenAPIHono<CallerEnv>;
  close(): Promise<void>;
}

export interface ShapeServerOptions extends TestReadPathOptions {
  readonly port?: number;
  readonly catalog?: ReadonlyMap<string, ShapeDefinition>;
  readonly clock?: Clock;
  readonly caller?: Partial<Caller>;
  /** Real accounts; without them a test authenticator takes everybody at his word. */
  readonly auth?: { readonly requireCaller: RequireCaller; readonly openSessions: OpenSessions };
  readonly sweepEveryMs?: number;
  readonly answerBytes?: number;
  /** Runs between the moment that a snapshot sees and the log position that it is brought up to. */
  readonly beforeBarrier?: () => Promise<void>;
  /** What else stands on the engine: its routes, and what must be closed before the engine is. */
  readonly beside?: (engine: ShapeEngine) => BesideShapes;
  /** Stands between the engine and its log. */
  readonly readLog?: (log: ChangeLog, after: LogOffset) => AsyncIterable<LogChunk>;
}

const HOST = '127.0.0.1';
/** Long enough for answers that the engine ended, in milliseconds; what still runs is cut, as a test that ends means it. */
const DRAIN_MS = 50;

/** A user that the test authenticator takes from `Authorization: <user id>`. */
function callerOf(userId: string, more: Partial<Caller> = {}): Caller {
  const expiresAt = new Date(Date.now() + 3_600_000);
  return { userId, role: 'reporter', sessionId: crypto.randomUUID(), expiresAt, ...more };
}

/** Starts an instance on `database`; with `dir`, `slotName` and `port` of a former one it goes on from there. */
export async function startShapeServer(
  database: TestDatabase,
  options: ShapeServerOptions = {},
): Promise<ShapeServer> {
  const readPath = await startReadPath(database, options);
  const logger = createLogger('error');
  const cacheDir = mkdtempSync(join(tmpdir(), 'halo-shapes-'));
  const clock = options.clock ?? systemClock;
  const { pool } = database;
  await readPath.caughtUp();
  const engine = await createShapeEngine({
    pool,
    changeLog: intercepted(readPath.log, options),
    cacheDir,
    logger,
    clock,
    random: Math.random,
    ...(options.sweepEveryMs === undefined ? {} : { sweepEveryMs: options.sweepEveryMs }),
    ...(options.answerBytes === undefined ? {} : { answerBytes: options.answerBytes }),
  });
  const { requireCaller, openSessions } = options.auth ?? trusting(options.caller);
  const app = createRouter<CallerEnv>();
  app.use(strictPath());
  const catalog = options.catalog ?? CATALOG;
  const access = { engine, catalog, requireCaller, openSessions, clock };
  const tally = new ChecksumTally(logger);
  app.route('/', checksumRoutes({ ...access, tally }));
  app.route('/', shapeRoutes({ ...access, random: Math.random }));
  const beside = options.beside?.(engine);
  if (beside !== undefined) app.route('/', beside.router);
  app.onError((error, c) => answerProblem(error, c, logger));
  const server = await listen(app, HOST, options.port ?? 0, DRAIN_MS);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await beside?.close();
    await engine.close();
    await server.close();
    await readPath.stop();
    rmSync(cacheDir, { recursive: true, force: true });
  };
  return {
    url: server.url.replace('localhost', HOST),
    readPath,
    engine,
    tally,
    cacheDir,
    stop: () => (stopped ??= stop()),
  };
}

/** Access for everybody, as whom he says he is. */
export function trusting(more: Partial<Caller> | undefined): NonNullable<ShapeServerOptions['auth']> {
  return {
    requireCaller: () =>
      createMiddleware<CallerEnv>(async (c, next) => {
        c.set('caller', callerOf(c.req.header('authorization') ?? '', more));
        await next();
      }),
    openSessions: { watch: () => () => {}, confirm: (caller) => Promise.resolve(caller) },
  };
}

/** The log as the engine sees it under these options. */
function intercepted(log: ChangeLog, { beforeBarrier, readLog }: ShapeServerOptions): ChangeLog {
  return {
    get epoch() {
      return log.epoch;
    },
    start: () => log.start(),
    position: () => log.position(),
    aging: () => log.aging(),
    covers: (offset) => log.covers(offset),
    read: (after) => readLog?.(log, after) ?? log.read(after),
    offsetBefore: (xid) => log.offsetBefore(xid),
    onAdvance: (listener) => log.onAdvance(listener),
    async whenReached(lsn, signal) {
      await beforeBarrier?.();
      await log.whenReached(lsn, signal);
    },
  };
}
