import type { Queryable } from '../db/pool.ts';
import type { JobTimes } from './job.ts';

/** Job times in Postgres, of all instances and by its clock. */
export function createJobTimes(db: Queryable): JobTimes {
  return {
    async began(job, withinMs) {
      // What began in time to come was written by a clock that was wrong.
      const { rowCount } = await db.query(
        `INSERT INTO job_times AS times (job) VALUES ($1)
         ON CONFLICT (job) DO UPDATE SET began_at = now(), ended_at = NULL, failed = false
          WHERE times.began_at <= now() - make_interval(secs => $2::float8 / 1000) OR times.began_at > now()`,
        [job, withinMs],
      );
      return rowCount === 1;
    },
    async ended(job, failed) {
      await db.query('UPDATE job_times SET ended_at = now(), failed = $2 WHERE job = $1', [job, failed]);
    },
  };
}
