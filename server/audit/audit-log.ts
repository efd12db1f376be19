import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import type { AuditAction } from '@halo/shapes/taxonomy/audit-actions.ts';
import type { Pool, Queryable, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError, isHaloError } from '../platform/errors.ts';

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
/** Who looks at the same again within this time leaves no second entry: what has pages is asked for page by page, and consoles ask anew. */
const SAME_LOOK_WITHIN = '1 hour';
/** SQLSTATEs of a Postgres that can be read and takes no writes: a standby, one that was set so, or one whose disk is full. */
const TAKES_NO_WRITES = new Set(['25006', '53100']);

/** Writes an act down in its own transaction, with what its actor is at this moment: both are there, or neither. */
export async function recordAct(tx: Transaction, actor: Actor, act: Act): Promise<void> {
  await insertEntry(tx, actor, act, 'done');
}

/**
 * Writes down that somebody looks at what is another person's own, before it is shown to him; the same look, by its target, details and
 * address, once an hour. Two at one moment may leave two entries, which tell the same.
 *
 * @throws HaloError 503 `look_not_recorded` where Postgres takes no writes. What cannot be recorded is not to be shown: else whoever can
 * fill a disk could look unseen, and nothing that people do waits for such a look.
 */
export async function recordLook(db: Queryable, actor: Actor, act: Act): Promise<void> {
  try {
    await insertEntry(db, actor, act, 'done', SAME_LOOK_WITHIN);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && TAKES_NO_WRITES.has(error.code ?? ''))) throw error;
    throw new HaloError(
      'look_not_recorded',
      'Who looks at this leaves an entry in the audit log, and none can be written at present.',
      { status: 503, hint: 'Try again once Postgres takes writes.', cause: error },
    );
  }
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
  // An entry about something else may name him in passing; about a device, where it is his.
  await tx.query(
    `UPDATE audit_log SET details = '{}', target_id = CASE WHEN target_kind = 'device' THEN NULL ELSE target_id END
      WHERE details <> '{}' AND details::text LIKE '%' || $1::text || '%'`,
    [userId],
  );
}

/** Writes an entry, unless one that says the same is there already and newer than `unlessWithin`. */
async function insertEntry(
  db: Queryable,
  { userId, origin }: Actor,
  { action, target, reason, details = {} }: Act,
  outcome: 'done' | 'refused',
  unlessWithin: string | null = null,
): Promise<void> {
  await db.query(
    `INSERT INTO audit_log (id, actor_id, actor_kind, actor_role, action, target_kind, target_id, outcome, reason, details, address,
       request_id)
     SELECT $1::uuid, $2::uuid, COALESCE((SELECT users.kind FROM users WHERE id = $2::uuid), 'system'),
       (SELECT role::text FROM users WHERE id = $2::uuid), $3::text, $4::text, $5::text, $6::text, $7::text, $8::jsonb, $9::text, $10::text
     WHERE $11::interval IS NULL OR NOT EXISTS (
       SELECT FROM audit_log e
        WHERE e.target_id = $5::text AND e.at > now() - $11::interval AND e.actor_id = $2::uuid AND e.action = $3::text
          AND e.target_kind = $4::text AND e.outcome = $6::text AND e.details = $8::jsonb
          AND e.address IS NOT DISTINCT FROM $9::text)`,
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
      unlessWithin,
    ],
  );
}
