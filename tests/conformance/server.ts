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
  stop(): Promise<void>;
}

/** Starts it on a database that has the publication and an epoch. */
export async function startConformanceServer(
  databaseUrl: string,
  publication: string,
  secret: string,
): Promise<ConformanceServer> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-conformance-'));
  const logger = createLogger('error');
  const pool = createPool(databaseUrl, 20, logger);
  const changeLog = await openChangeLog({ dir: join(dir, 'log'), logger });
  const replication = createReplication({
    databaseUrl,
    pool,
    slotName: `halo_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`,
    publication,
    log: changeLog,
    logger,
    clock: systemClock,
  });
  const replicating = supervise(replication, logger);
  await eventually(() => replication.status().streaming);
  const engine = await createShapeEngine({
    pool,
    changeLog,
    cacheDir: join(dir, 'shapes'),
    logger,
    clock: systemClock,
    random: Math.random,
  });
  const app = createApp({
    routers: [rawShapeRoutes({ engine, pool, publication, secret, clock: systemClock, random: Math.random })],
    logger,
    metrics: createMetrics(),
    version: 'conformance',
    readiness: [],
    staticDir: undefined,
  });
  const listening = await listen(app, '127.0.0.1', 0);
  return {
    url: listening.url,
    async stop() {
      await engine.close();
      await listening.close();
      await replicating.stop();
      await changeLog.close();
      await pool.end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
