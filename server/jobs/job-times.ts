import type { Queryable } from '../db/pool.ts';
import type { JobTimes } from './job.ts';

/** Job times in Postgres, of all instances and by its clock. */
export function createJobTimes(db: Queryable): JobTimes {
  return {
    async began(job) {
      await db.query(
        `INSERT INTO job_times (job) VALUES ($1)
         ON CONFLICT (job) DO UPDATE SET began_at = now(), ended_at = NULL, failed = false`,
        [job],
      );
    },
    async ended(job, failed) {
      await db.query('UPDATE job_times SET ended_at = now(), failed = $2 WHERE job = $1', [job, failed]);
    },
  };
}
