import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Job } from '../jobs/job.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { pastBefore } from './report.ts';

const HOURLY = '23 * * * *';
/** Incidents that become past in one transaction. */
const BATCH = 500;

/** Closes, each hour, what happened so long ago that it is over, and takes it from devices. */
export function createAgeingJob(pool: Pool, clock: Clock, logger: Logger): Job {
  const log = logger.child({ component: 'reports' });
  return {
    name: 'ageing',
    schedule: HOURLY,
    async run(signal) {
      const incidents = await age(pool, clock.now(), signal);
      if (incidents > 0) log.info({ incidents }, 'incidents became past');
    },
  };
}

/** Makes past what happened long before `now`, but for what officers have opened again; resolves with how many incidents that were. */
export async function age(pool: Pool, now: Date, signal: AbortSignal): Promise<number> {
  const before = pastBefore(now);
  let aged = 0;
  while (!signal.aborted) {
    const found = await pool.query<{ id: string }>(
      'SELECT id FROM incidents WHERE NOT past AND reopened_at IS NULL AND occurred_at < $1 ORDER BY occurred_at LIMIT $2',
      [before, BATCH],
    );
    if (found.rows.length === 0) break;
    aged += await ageThese(
      pool,
      found.rows.map(({ id }) => id),
      before,
    );
  }
  return aged;
}

function ageThese(pool: Pool, ids: readonly string[], before: Date): Promise<number> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `SELECT id FROM incidents WHERE id = ANY ($1::uuid[]) AND NOT past AND reopened_at IS NULL AND occurred_at < $2
       ORDER BY id FOR NO KEY UPDATE`,
      [ids, before],
    );
    const locked = rows.map(({ id }) => id);
    await tx.query(
      `UPDATE incidents SET past = true, updated_at = now(), status = CASE WHEN status = 'open' THEN 'closed' ELSE status END
       WHERE id = ANY ($1::uuid[])`,
      [locked],
    );
    for (const table of ['reports', 'incident_transitions', 'comments'])
      await tx.query(`UPDATE ${table} SET past = true WHERE incident_id = ANY ($1::uuid[]) AND NOT past`, [
        locked,
      ]);
    return locked.length;
  });
}
