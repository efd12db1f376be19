import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogChunk } from '../../server/change-log/change-log.ts';
import { openChangeLog } from '../../server/change-log/file-change-log.ts';
import type { FileChangeLog } from '../../server/change-log/file-change-log.ts';
import { systemClock } from '../../server/platform/clock.ts';
import type { Clock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { supervise } from '../../server/platform/service.ts';
import { createReplication } from '../../server/replication/replication.ts';
import type { Replication } from '../../server/replication/replication.ts';
import type { SilenceLimits } from '../../server/replication/silence-watch.ts';
import type { TestDatabase } from './database.ts';

/** Replication into a change log of its own, as one instance of the server runs it. */
export interface TestReadPath {
  readonly log: FileChangeLog;
  readonly replication: Replication;
  readonly slotName: string;
  readonly dir: string;
  /** Writes a barrier and waits until the log has reached it. */
  caughtUp(): Promise<void>;
  /** Stops replication and closes the log; its files stay. */
  stop(): Promise<void>;
  /** Stops, and removes the files. */
  remove(): Promise<void>;
}

export interface TestReadPathOptions {
  readonly dir?: string;
  readonly slotName?: string;
  readonly publication?: string;
  readonly segmentBytes?: number;
  readonly spillBytes?: number;
  /** Bound of the log on disk. */
  readonly logBytes?: number;
  /** Age at which the log's segments go, by the clock given. */
  readonly logAge?: { readonly maxAgeMs: number; readonly clock: Clock };
  readonly silence?: SilenceLimits;
  /** Stands between the log and whoever writes or reads it. */
  readonly wrapLog?: (log: FileChangeLog) => FileChangeLog;
}

/** Starts replication from `database`; with the `dir` and `slotName` of an earlier one it goes on from there. */
export async function startReadPath(
  database: TestDatabase,
  options: TestReadPathOptions = {},
): Promise<TestReadPath> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'halo-read-path-'));
  const slotName = options.slotName ?? `halo_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const logger = createLogger('silent');
  const { segmentBytes, spillBytes, logBytes, wrapLog = (opened) => opened } = options;
  const opened = await openChangeLog({
    dir,
    logger,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
    ...(spillBytes === undefined ? {} : { spillBytes }),
    ...(logBytes === undefined ? {} : { maxBytes: logBytes }),
    ...options.logAge,
  });
  const log = wrapLog(opened);
  const replication = createReplication({
    databaseUrl: database.url,
    pool: database.pool,
    slotName,
    publication: options.publication ?? 'halo',
    log,
    logger,
    clock: systemClock,
    ...(options.silence === undefined ? {} : { silence: options.silence }),
  });
  const supervised = supervise(replication, logger, () => 0);
  const stop = async () => {
    await supervised.stop();
    await log.close();
  };
  return {
    log,
    replication,
    slotName,
    dir,
    async caughtUp() {
      const { rows } = await database.pool.query<{ lsn: string }>(
        `SELECT (pg_logical_emit_message(true, 'halo.barrier', '') - '0/0')::text AS lsn`,
      );
      await log.whenReached(BigInt(rows[0]!.lsn), AbortSignal.timeout(60_000));
    },
    stop,
    async remove() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Every change in the log after its start, as `operation table new-or-old values`. */
export async function changesIn(log: FileChangeLog): Promise<string[]> {
  const found: string[] = [];
  for await (const chunk of log.read({ kind: 'log', lsn: log.start(), op: 'end' }))
    found.push(...describe(chunk));
  return found;
}

function describe({ changes }: LogChunk): string[] {
  return changes.map(({ operation, relation, old, new: new_ }) => {
    const values = (new_ ?? old)?.map((value) => value ?? 'NULL').join(',') ?? '';
    return `${operation} ${relation.table} ${values}`;
  });
}
