import type { Pool } from '../db/pool.ts';
import type { Job } from '../jobs/job.ts';
import type { Logger } from '../platform/logger.ts';

const DAILY = '41 3 * * *';
/** Entries that go in one statement. */
const BATCH = 5_000;

/** Takes away, each day, entries of the audit log that are older than two years; the table lets no younger ones go. */
export function createAuditRetentionJob(pool: Pool, logger: Logger): Job {
  const log = logger.child({ component: 'audit' });
  return {
    name: 'audit-retention',
    schedule: DAILY,
    async run(signal) {
      let gone = 0;
      for (let last = BATCH; last === BATCH && !signal.aborted; gone += last) {
        const { rowCount } = await pool.query(
          `DELETE FROM audit_log WHERE id IN
             (SELECT id FROM audit_log WHERE at < now() - interval '2 years' ORDER BY at LIMIT $1)`,
          [BATCH],
        );
        last = rowCount ?? 0;
      }
      if (gone > 0) log.info({ entries: gone }, 'old entries of the audit log have gone');
    },
  };
}
