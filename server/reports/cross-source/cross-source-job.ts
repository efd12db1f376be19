import type { Pool } from '../../db/pool.ts';
import type { Job } from '../../jobs/job.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { matchEvents } from './match-events.ts';

const EVERY_MINUTE = '* * * * *';
const DAY_MS = 86_400_000;
/** Nearly all reports have come after so many days, those of devices that were offline too. */
const RECENT_DAYS = 3;
/** So far back a late report, an edit or a withdrawal still changes what belongs together; looked at once an hour. */
const LATE_DAYS = 45;
const LATE_MINUTE = 7;
/** Sources announce events before they happen, if at all, by less. */
const AHEAD_MS = DAY_MS;

/** Compares official events with what people reported, each minute those of the last days. */
export function createCrossSourceJob(pool: Pool, clock: Clock, logger: Logger): Job {
  const log = logger.child({ component: 'cross-source' });
  return {
    name: 'cross-source',
    schedule: EVERY_MINUTE,
    async run(signal) {
      const now = clock.now();
      const days = now.getUTCMinutes() === LATE_MINUTE ? LATE_DAYS : RECENT_DAYS;
      const period = {
        from: new Date(now.getTime() - days * DAY_MS),
        to: new Date(now.getTime() + AHEAD_MS),
      };
      const { events, changes } = await matchEvents(pool, period, signal);
      if (changes > 0) log.info({ events, changes }, 'official events were compared with reports');
    },
  };
}
