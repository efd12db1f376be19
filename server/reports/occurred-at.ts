import { MutationRejection } from '../mutations/mutation-handler.ts';

/** How far a device's clock may run ahead before what it saw "happens in the future", in milliseconds. */
const MAX_AHEAD_MS = 10 * 60_000;
/** The oldest event that may still be reported, in milliseconds before now. */
const MAX_AGE_MS = 400 * 24 * 3_600_000;
const TOO_OLD = `Events of more than ${MAX_AGE_MS / 86_400_000} days ago cannot be reported.`;

/** Why a report cannot be of this time, if it cannot; `field` is where the mutation says it. */
export function faultOfTime(occurredAt: Date, now: Date, field: string): MutationRejection | undefined {
  const aheadMs = occurredAt.getTime() - now.getTime();
  if (aheadMs > MAX_AHEAD_MS)
    return new MutationRejection('occurred_at_in_future', 'This lies in the future.', field);
  return -aheadMs > MAX_AGE_MS ? new MutationRejection('occurred_at_too_old', TOO_OLD, field) : undefined;
}
