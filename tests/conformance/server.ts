import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChangeLog } from '../../server/change-log/file-change-log.ts';
import { createPool } from '../../server/db/pool.ts';
import { createApp } from '../../server/http/app.ts';
import { listen } from '../../server/http/listen.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { supervise } from '../../server/platform/service.ts';
import { rawShapeRoutes } from '../../server/raw-shapes/raw-routes.ts';
import { createReplication } from '../../server/replication/replication.ts';
import { createShapeEngine } from '../../server/shape-engine/engine.ts';
import { eventually } from '../support/eventually.ts';

/** The read path with the raw endpoint, and nothing else of Halo: the suite drops schema `public` under it. */
export interface ConformanceServer {
  readonly url: string;
  /** Stops it in order; `start` goes on from its log, at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
}

export interface ConformanceServerOptions {
  /** Of a database that has the publication and an epoch. */
  readonly databaseUrl: string;
  readonly publication: string;
  readonly secret: string;
  /** Whether shapes may be deleted. */
  readonly deletes: boolean;
}

/** Starts it. */
export async function startConformanceServer(options: ConformanceServerOptions): Promise<ConformanceServer> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-conformance-'));
  const slotName = `halo_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
  let running: Running | undefined = await run(options, dir, slotName, 0);
  const { url } = running;
  const stop = async () => {
    await running?.stop();
    running = undefined;
  };
  return {
    url,
    stop,
    async start() {
      running ??= await run(options, dir, slotName, Number(new URL(url).port));
    },
    async remove() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

async function run(
  { databaseUrl, publication, secret, deletes }: ConformanceServerOptions,
  dir: string,
  slotName: string,
  port: number,
): Promise<Running> {
  const logger = createLogger('error');
  const pool = createPool(databaseUrl, 20, logger);
  const changeLog = await openChangeLog({ dir: join(dir, 'log'), logger });
  const common = { pool, logger, clock: systemClock };
  const replication = createReplication({ ...common, databaseUrl, slotName, publication, log: changeLog });
  const replicating = supervise(replication, logger);
  await eventually(() => replication.status().streaming);
  const random = Math.random;
  const engine = await createShapeEngine({ ...common, changeLog, cacheDir: join(dir, 'shapes'), random });
  const app = createApp({
    routers: [rawShapeRoutes({ engine, pool, publication, secret, deletes, clock: systemClock, random })],
    logger,
    metrics: createMetrics(),
    version: 'conformance',
    readiness: [],
    webApps: [],
  });
  const listening = await listen(app, '127.0.0.1', port);
  return {
    url: listening.url,
    async stop() {
      await engine.close();
      await listening.close();
      await replicating.stop();
      await changeLog.close();
      await pool.end();
    },
  };
}
