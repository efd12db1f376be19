import { hostname } from 'node:os';
import { join } from 'node:path';
import { openChangeLog } from '../change-log/file-change-log.ts';
import type { FileChangeLog } from '../change-log/file-change-log.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { supervise } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import { createForgetErased } from '../privacy/forget-erased.ts';
import { createLagWatch } from '../replication/lag-watch.ts';
import type { LagWatch } from '../replication/lag-watch.ts';
import { createHeartbeat } from '../replication/instances.ts';
import type { Heartbeat } from '../replication/instances.ts';
import { createNewcomer } from '../replication/newcomer.ts';
import type { Newcomer } from '../replication/newcomer.ts';
import { checkPublication } from '../replication/preflight.ts';
import { createReplication } from '../replication/replication.ts';
import type { Replication } from '../replication/replication.ts';
import { createShapeEngine } from '../shape-engine/engine.ts';
import type { ShapeEngine } from '../shape-engine/shape-engine.ts';
import type { Closers } from './closers.ts';
import type { Storage } from './storage.ts';
import type { Watching } from './watching.ts';

/** Made by a migration. */
export const PUBLICATION = 'halo';
/** A slot is made only once the transactions under way have ended; a start does not wait for ever. */
const FIRST_STREAM_MS = 15_000;

/** WAL → change log → shape engine. */
export interface ReadPath {
  readonly replication: Replication;
  readonly lagWatch: LagWatch;
  readonly heartbeat: Heartbeat;
  readonly newcomer: Newcomer;
  readonly changeLog: FileChangeLog;
  readonly engine: ShapeEngine;
}

/** Starts the read path: replication and its heartbeat under supervision, and the engine on the log it writes. */
export async function openReadPath(
  config: Config,
  { databaseUrl, pool, slotName }: Storage,
  clock: Clock,
  logger: Logger,
  closers: Closers,
  { history, journal }: Watching,
): Promise<ReadPath> {
  await checkPublication(pool, PUBLICATION);
  const heartbeat = createHeartbeat(pool, slotName, hostname());
  // Before the slot is looked for: from now on no other instance takes it for one that nobody comes back for.
  await heartbeat.beat();
  const beating = supervise(heartbeat, logger);
  closers.add('heartbeat', () => beating.stop());
  const changeLog = await openChangeLog({
    dir: join(config.dataDir, 'log'),
    maxBytes: config.logMaxBytes,
    maxAgeMs: config.logMaxAgeMs,
    logger,
    clock,
  });
  closers.add('change log', () => changeLog.close());
  const replication = createReplication({
    databaseUrl,
    pool,
    slotName,
    publication: PUBLICATION,
    log: changeLog,
    logger,
    clock,
    onEvent: (kind, code, message) => journal.note(kind, code, message),
  });
  const supervised = supervise(replication, logger);
  closers.add('replication', () => supervised.stop());
  const lagWatch = createLagWatch({ pool, changeLog, replication, clock });
  const watching = supervise(lagWatch, logger);
  closers.add('lag', () => watching.stop());
  const forgetting = supervise(createForgetErased(pool, changeLog, logger), logger);
  closers.add('forget erased', () => forgetting.stop());
  const engine = await createShapeEngine({
    pool,
    changeLog,
    cacheDir: join(config.dataDir, 'cache'),
    logger,
    clock,
    random: Math.random,
    observer: history,
  });
  closers.add('shape engine', () => engine.close());
  if (!(await streamsWithin(replication, FIRST_STREAM_MS))) {
    logger.warn({ component: 'replication' }, 'not streaming yet; shapes wait until it does, /ready tells');
  }
  const newcomer = createNewcomer({ db: pool, slotName, changeLog, replication, clock });
  return { replication, lagWatch, heartbeat, newcomer, changeLog, engine };
}

/** Waits a little for the stream, so that a server that says it is ready is. */
async function streamsWithin(replication: Replication, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (!replication.status().streaming) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}
