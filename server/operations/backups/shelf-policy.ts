/** How many of the newest days, weeks and months keep a backup: the newest of each. */
export interface ShelfPolicy {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

export const POLICY: ShelfPolicy = { daily: 7, weekly: 4, monthly: 12 };

/** A backup, as far as keeping it is concerned. */
export interface Kept {
  readonly id: string;
  readonly takenAt: Date;
  /** Whether it was restored for a trial, and was right. */
  readonly verified: boolean;
}

const DAY_MS = 24 * 3_600_000;
/** 1970-01-01 was a Thursday: weeks begin on Mondays. */
const MONDAY_OFFSET_DAYS = 3;

/**
 * The backups that may go; pure. What stays: the newest of each of the newest days, weeks and months (UTC) that have any; the
 * newest of all; the newest that was verified; and what claims to be from the future, since the clock is wrong then. Days
 * without a backup do not count, so that nothing goes while none is taken.
 */
export function superfluous<T extends Kept>(
  backups: readonly T[],
  now: Date,
  policy: ShelfPolicy = POLICY,
): T[] {
  const past = backups
    .filter(({ takenAt }) => takenAt <= now)
    .toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime() || (a.id < b.id ? 1 : -1));
  const kept = new Set<T>();
  const keep = (one: T | undefined) => void (one !== undefined && kept.add(one));
  keep(past[0]);
  keep(past.find(({ verified }) => verified));
  for (const [places, bucketOf] of [
    [policy.daily, dayOf],
    [policy.weekly, weekOf],
    [policy.monthly, monthOf],
  ] as const) {
    const seen = new Set<string>();
    for (const one of past) {
      const bucket = bucketOf(one.takenAt);
      if (seen.has(bucket)) continue;
      if (seen.size >= places) break;
      seen.add(bucket);
      keep(one);
    }
  }
  return past.filter((one) => !kept.has(one));
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function weekOf(at: Date): string {
  const days = Math.floor(at.getTime() / DAY_MS);
  return String(Math.floor((days + MONDAY_OFFSET_DAYS) / 7));
}

function monthOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}
