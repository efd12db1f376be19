import { Cron } from 'croner';
import { HaloError } from '../../platform/errors.ts';
import type { Job } from '../../jobs/job.ts';
import { readLastPollAt } from '../feed-polls.ts';
import { POLISEN } from './polisen-source.ts';
import { createPoller } from './poller.ts';
import type { PollerParts } from './poller.ts';

/** Two instances tick at the same time: whoever comes second within this time has nothing to ask. */
const MAX_SPACING_MS = 30_000;
/** Share of the time between two ticks that two polls must be apart. */
const SPACING_SHARE = 0.5;

/**
 * The poller as a job. The job's lease lets one instance poll at a time; an instance that gets the lease just
 * after another has polled leaves the source alone.
 */
export function createPolisenJob(parts: PollerParts & { readonly schedule: string }): Job {
  const poller = createPoller(parts);
  const lastRunAt = () => readLastPollAt(parts.pool, POLISEN.feed);
  return {
    name: 'feed-polisen',
    schedule: parts.schedule,
    lastRunAt,
    async run(signal) {
      const lastPollAt = await lastRunAt();
      const now = parts.clock.now();
      const sinceMs = lastPollAt === undefined ? Infinity : now.getTime() - lastPollAt.getTime();
      if (sinceMs >= 0 && sinceMs < spacingMs(parts.schedule, now)) return;
      const { outcome, reason } = await poller.poll(signal);
      if (outcome === 'failed')
        throw new HaloError(reason ?? 'feed_failed', 'The feed of the police could not be polled.', {
          hint: 'Its last state is kept, and it is asked again at the next tick.',
        });
    },
  };
}

function spacingMs(schedule: string, now: Date): number {
  const [first, second] = new Cron(schedule, { timezone: 'UTC', paused: true }).nextRuns(2, now);
  const intervalMs =
    first === undefined || second === undefined ? Infinity : second.getTime() - first.getTime();
  return Math.min(MAX_SPACING_MS, SPACING_SHARE * intervalMs);
}
