import type { VerificationOutcome } from '../api.ts';
import type { VerificationTime } from '../replica/verification-times.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * When rows that were never compared first are: within a day. Devices that were set up together are thus spread, and
 * stay so.
 */
export function firstTime(now: number, random: number): VerificationTime {
  return { dueAt: now + random * DAY_MS };
}

/** Whether it is time; a time further off than any that is ever set is one of a clock that was wrong. */
export function isDue({ dueAt }: VerificationTime, now: number): boolean {
  return dueAt <= now || dueAt > now + 2 * DAY_MS;
}

/** Whether rows that differ may be fetched again by themselves: once a day, should it not help. */
export function mayRebuild({ rebuiltAt }: VerificationTime, now: number): boolean {
  return rebuiltAt === undefined || rebuiltAt > now || now - rebuiltAt > DAY_MS - HOUR_MS;
}

/** The next time: about a day after a comparison that was equal, else about an hour. */
export function nextTime(
  before: VerificationTime,
  outcome: VerificationOutcome,
  rebuilt: boolean,
  now: number,
  random: number,
): VerificationTime {
  const dueAt = now + (outcome === 'equal' ? DAY_MS * (0.9 + 0.2 * random) : HOUR_MS * (0.5 + random));
  const rebuiltAt = rebuilt ? now : before.rebuiltAt;
  return rebuiltAt === undefined ? { dueAt } : { dueAt, rebuiltAt };
}
