import type { Finding } from './alert.ts';
import type { ExpectedFeed, ExpectedJob } from './expected.ts';
import type { AlertLimits, FeedFacts, JobFacts } from './facts.ts';

/*
 * What is to come by a schedule; pure. What lies in Postgres says how long nothing has come. A server that has just started
 * has not looked on for as long as one waits: what it finds may be its own absence, or what was told before its start. So it
 * neither blames anybody nor calls it over.
 */

/** Judges whether a feed gives anything. */
export function judgeFeed(
  { feed, dueAfterMs, sinceMs }: ExpectedFeed,
  facts: FeedFacts | undefined,
  limits: AlertLimits,
  nowMs: number,
): Finding {
  const goodMs = facts?.lastGoodAt?.getTime();
  const isWaited = (fromMs: number) => nowMs <= waitedUntilMs(fromMs, dueAfterMs, limits);
  // Whoever asked: a server that starts again and again shall not hide it.
  const wasAskedEnough = (facts?.failedSince ?? 0) >= limits.feedIntervals && goodMs !== undefined;
  const isWell = goodMs !== undefined && isWaited(goodMs);
  const verdict = isWell ? 'good' : wasAskedEnough || !isWaited(sinceMs) ? 'bad' : 'unsure';
  const last = goodMs === undefined ? 'It never gave anything' : `It last gave something at ${iso(goodMs)}`;
  const reason = facts?.lastReason ?? null;
  const what = `${last}${reason === null ? '' : `; the last poll came to ${reason}`}.`;
  const since = goodMs === undefined ? {} : { since: new Date(goodMs) };
  return { name: 'feed_silent', subject: feed, verdict, what, ...since };
}

/** By ticks, and not by how far two of them lie apart: a schedule may rest at night. */
function waitedUntilMs(fromMs: number, dueAfterMs: (ms: number) => number, limits: AlertLimits): number {
  let tickMs = fromMs;
  for (let ticks = 0; ticks < limits.feedIntervals && Number.isFinite(tickMs); ticks += 1)
    tickMs = dueAfterMs(tickMs);
  return Math.max(fromMs + limits.feedSilentMs, tickMs);
}

/** Judges whether a job begins when it is due. */
export function judgeJob(
  { job, dueAfterMs, sinceMs }: ExpectedJob,
  facts: JobFacts | undefined,
  limits: AlertLimits,
  nowMs: number,
): Finding {
  const isOverdue = (dueMs: number) => nowMs - dueMs > limits.overdueMs;
  const dueHereMs = dueAfterMs(sinceMs);
  const dueMs = facts === undefined ? dueHereMs : dueAfterMs(facts.busyUntil.getTime());
  const began =
    facts === undefined
      ? 'It has never begun, as far as is known'
      : `It last began at ${iso(facts.beganAt.getTime())}, and has ${facts.hasEnded ? 'ended' : 'not ended'} since`;
  const due = Number.isFinite(dueMs) ? iso(dueMs) : 'no time';
  const isWell = dueMs === Infinity || (facts !== undefined && !isOverdue(dueMs));
  return {
    name: 'job_overdue',
    subject: job,
    verdict: isWell ? 'good' : isOverdue(dueHereMs) ? 'bad' : 'unsure',
    what: `The job ${job} was due at ${due}, and no instance has begun it. ${began}.`,
    ...(Number.isFinite(dueMs) && { since: new Date(dueMs) }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
