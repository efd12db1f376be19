/** A claim farther ahead of the server's clock is absurd, in milliseconds. */
export const MAX_CLAIM_AHEAD_MS = 24 * 3_600_000;
/** A claim older than this is absurd: no outbox waits that long, in milliseconds. */
export const MAX_CLAIM_AGE_MS = 400 * 24 * 3_600_000;

/** Postgres and JavaScript agree on every instant between these. */
const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(9999, 0, 1);

/** When a device says that it made a mutation, as the ledger keeps it. */
export interface ClockClaim {
  readonly claimedAt: Date;
  readonly suspect: boolean;
}

/** Bounds a device's `createdAt` and marks it when it is absurd. It never decides any order. */
export function judgeClaim(createdAt: string, now: Date): ClockClaim {
  const claimedMs = new Date(createdAt).getTime();
  const aheadMs = claimedMs - now.getTime();
  return {
    claimedAt: new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, claimedMs))),
    suspect: aheadMs > MAX_CLAIM_AHEAD_MS || -aheadMs > MAX_CLAIM_AGE_MS,
  };
}
