import { uuidv7 } from 'uuidv7';
import type { AuditAction } from '@halo/shapes/taxonomy/audit-actions.ts';
import type { Pool, Queryable, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { isHaloError } from '../platform/errors.ts';

/** Where a request came from. */
export interface Origin {
  /** As rate limits count it. */
  readonly address: string;
  readonly requestId: string | null;
}

/** Who acts; a `Caller` is one. */
export interface Actor {
  /** Null: the house itself. */
  readonly userId: string | null;
  /** Unknown where it did not come as a request. */
  readonly origin?: Origin | undefined;
}

/** What was done. Never a secret, nor the hash of one. */
export interface Act {
  readonly action: AuditAction;
  readonly target: { readonly kind: string; readonly id: string };
  /** In the actor's own words. */
  readonly reason?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The house itself, as an actor. */
export const THE_HOUSE: Actor = { userId: null };

const MAX_REASON = 1_000;
const MAX_ADDRESS = 100;
const MAX_REQUEST_ID = 200;

/** Writes an act down in its own transaction, with what its actor is at this moment: both are there, or neither. */
export async function recordAct(tx: Transaction, actor: Actor, act: Act): Promise<void> {
  await insertEntry(tx, actor, act, 'done');
}

/**
 * Does in one transaction what the rules of the house may forbid. Where they do (409), the attempt is written down as refused, and the
 * refusal thrown on.
 */
export async function actUnderRules<T>(
  pool: Pool,
  actor: Actor,
  attempted: Act,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await inTransaction(pool, work);
  } catch (error) {
    if (isHaloError(error) && error.status === 409) {
      const details = { ...attempted.details, code: error.code };
      await insertEntry(pool, actor, { ...attempted, details }, 'refused');
    }
    throw error;
  }
}

/** Takes off what is personal of somebody's in all entries: those of his acts, and those about him. */
export async function forgetInAuditLog(tx: Transaction, userId: string): Promise<void> {
  await tx.query(
    `UPDATE audit_log SET actor_id = NULL, address = NULL, request_id = NULL, reason = NULL,
       target_id = CASE WHEN target_id = $1::text THEN NULL ELSE target_id END
     WHERE actor_id = $1::uuid`,
    [userId],
  );
  await tx.query(
    `UPDATE audit_log SET target_id = NULL, reason = NULL, details = '{}' WHERE target_id = $1::text`,
    [userId],
  );
  // An entry about something else may name him in passing.
  await tx.query(
    `UPDATE audit_log SET details = '{}' WHERE details <> '{}' AND details::text LIKE '%' || $1::text || '%'`,
    [userId],
  );
}

async function insertEntry(
  db: Queryable,
  { userId, origin }: Actor,
  { action, target, reason, details = {} }: Act,
  outcome: 'done' | 'refused',
): Promise<void> {
  await db.query(
    `INSERT INTO audit_log (id, actor_id, actor_kind, actor_role, action, target_kind, target_id, outcome, reason, details, address,
       request_id)
     SELECT $1, $2::uuid, COALESCE((SELECT users.kind FROM users WHERE id = $2::uuid), 'system'),
       (SELECT role::text FROM users WHERE id = $2::uuid), $3, $4, $5, $6, $7, $8, $9, $10`,
    [
      uuidv7(),
      userId,
      action,
      target.kind,
      target.id,
      outcome,
      reason === undefined || reason === '' ? null : reason.slice(0, MAX_REASON),
      JSON.stringify(details),
      origin?.address.slice(0, MAX_ADDRESS) ?? null,
      origin?.requestId?.slice(0, MAX_REQUEST_ID) ?? null,
    ],
  );
}
