import type { ChangeLog } from '../change-log/change-log.ts';
import type { Queryable } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import { judgeLag } from './lag.ts';
import type { Lag, WalSample } from './lag.ts';
import { parseLsn } from './lsn.ts';
import type { Replication } from './replication.ts';

const ASK_EVERY_MS = 3_000;
/** An answer that takes longer is none. */
const ANSWER_WITHIN_MS = 5_000;
/** Samples kept: five minutes, so that a log that is far behind is known to be. */
const MAX_SAMPLES = 100;

export interface LagWatchParts {
  readonly pool: Queryable;
  readonly changeLog: Pick<ChangeLog, 'position'>;
  readonly replication: Pick<Replication, 'status'>;
  readonly clock: Clock;
  readonly askEveryMs?: number;
}

/** Asks Postgres again and again how far its WAL reaches, over another connection than the one that is judged. */
export interface LagWatch extends Service {
  /** How replication fares at this moment. */
  lag(): Lag;
}

export function createLagWatch(parts: LagWatchParts): LagWatch {
  const { pool, changeLog, replication, clock, askEveryMs = ASK_EVERY_MS } = parts;
  const now = () => clock.now().getTime();
  const startedMs = now();
  const samples: WalSample[] = [];
  let failedAtMs: number | undefined;
  const ask = async () => {
    const atMs = now();
    try {
      const end = await within(ANSWER_WITHIN_MS, readEnd(pool));
      samples.push({ atMs, end });
      if (samples.length > MAX_SAMPLES) samples.shift();
      failedAtMs = undefined;
    } catch {
      failedAtMs ??= atMs;
    }
  };
  return {
    name: 'lag',
    async run(signal) {
      while (!signal.aborted) {
        await ask();
        await sleep(askEveryMs, signal);
      }
    },
    lag() {
      const { streaming, lastContactAt } = replication.status();
      const lastContactMs = lastContactAt?.getTime();
      const position = changeLog.position();
      return judgeLag({ nowMs: now(), streaming, lastContactMs, position, samples, failedAtMs, startedMs });
    },
  };
}

async function readEnd(db: Queryable): Promise<bigint> {
  const { rows } = await db.query<{ wal_end: string }>('SELECT pg_current_wal_flush_lsn()::text AS wal_end');
  return parseLsn(rows[0]!.wal_end);
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
