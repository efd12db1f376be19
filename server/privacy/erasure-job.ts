import type { Job } from '../jobs/job.ts';
import type { Logger } from '../platform/logger.ts';
import { erasePerson } from './erase-person.ts';
import type { EraseParts } from './erase-person.ts';

const EVERY_MINUTE = '* * * * *';

/** Twice as long as the oldest token of an issuer is good (`auth/issuers/read-claims.ts`). */
const SUBJECTS_KEPT_HOURS = 48;

/** Forgets, each minute, the people who have asked for it. */
export function createErasureJob(parts: EraseParts, logger: Logger): Job {
  const log = logger.child({ component: 'privacy' });
  return {
    name: 'erasure',
    schedule: EVERY_MINUTE,
    async run(signal) {
      await parts.pool.query(
        `DELETE FROM erased_subjects WHERE erased_at < now() - make_interval(hours => ${SUBJECTS_KEPT_HOURS})`,
      );
      const { rows } = await parts.pool.query<{ id: string }>(
        'SELECT id FROM users WHERE erasing_at IS NOT NULL ORDER BY erasing_at LIMIT 100',
      );
      const failures: unknown[] = [];
      for (const { id } of rows) {
        if (signal.aborted) return;
        try {
          if (await erasePerson(parts, id, signal)) log.info('a person was forgotten');
        } catch (error) {
          // Those behind him must not wait for it.
          failures.push(error);
        }
      }
      if (failures.length > 0)
        throw new AggregateError(failures, `${failures.length} people could not be forgotten`);
    },
  };
}
