import type { Transaction } from '../db/pool.ts';
import type { EndReason } from './session-store.ts';

/** A session of another issuer is remembered for so long after it was ended, or its next token would begin it anew. */
const REMEMBERED_DAYS = 60;

/** Which sessions of a person are meant: all, one, or all but one. */
export interface Which {
  readonly only?: string;
  readonly butNot?: string;
}

/**
 * Ends sessions of a person for good, and tells how many: those that held until now. What is open with them ends within five seconds, on
 * every instance.
 */
export async function endSessions(
  tx: Transaction,
  userId: string,
  reason: EndReason,
  now: Date,
  { only, butNot }: Which = {},
): Promise<number> {
  const { rows } = await tx.query<{ held: boolean }>(
    `UPDATE sessions s SET revoked_at = $2, revoked_reason = $3,
       expires_at = CASE WHEN s.external_key IS NULL THEN s.expires_at
                         ELSE GREATEST(s.expires_at, $2::timestamptz + make_interval(days => $6)) END
     FROM sessions before
     WHERE before.id = s.id AND s.user_id = $1 AND s.revoked_at IS NULL AND ($4::uuid IS NULL OR s.id = $4)
       AND ($5::uuid IS NULL OR s.id <> $5)
     RETURNING before.expires_at > $2 AS held`,
    [userId, now, reason, only ?? null, butNot ?? null, REMEMBERED_DAYS],
  );
  return rows.filter(({ held }) => held).length;
}
