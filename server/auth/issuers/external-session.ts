import { uuidv7 } from 'uuidv7';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { recordAct, THE_HOUSE } from '../../audit/audit-log.ts';
import type { Pool, Transaction } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { HaloError } from '../../platform/errors.ts';
import type { ExternalIdentity } from './read-claims.ts';
import { takeBack } from '../take-back.ts';

/** Sessions of one person that are remembered; ended ones count, since they must not begin anew. */
const MAX_SESSIONS = 100;

/** How far an issuer's clock may be ahead of Postgres's when somebody was erased, in seconds. */
const CLOCK_TOLERANCE_S = 30;

/** The account and the session here of somebody whom another issuer knows. */
export interface ExternalSession {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
}

interface PersonRow {
  readonly id: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly roleAt: Date;
}

/**
 * Finds or makes the account of an issuer's subject, and the session of its token. An account with the same e-mail address is another
 * one. The newest token says the role; the account of an older one keeps what it has. Who was erased is another person from the next
 * token on that was made after that.
 *
 * @throws HaloError 401 `session_revoked` where either was ended here; 429 `too_many_sessions`
 */
export function ensureExternalSession(
  pool: Pool,
  identity: ExternalIdentity & { readonly role: Role },
  now: Date,
): Promise<ExternalSession> {
  return inTransaction(pool, async (tx) => {
    const person = await lockPerson(tx, identity);
    if (person.disabled) throw ended();
    const role = await followIssuer(tx, person, identity);
    const sessionId = await findOrBegin(tx, person.id, identity, now);
    return { userId: person.id, sessionId, role };
  });
}

/**
 * Takes the role away from the account of an issuer's subject whose newest token gives none: it is a reporter again, as are older tokens
 * until they run out.
 */
export function takeExternalRole(pool: Pool, identity: ExternalIdentity): Promise<void> {
  return inTransaction(pool, async (tx) => {
    const person = await findPerson(tx, identity);
    if (person !== undefined) await followIssuer(tx, person, { ...identity, role: 'reporter' });
  });
}

async function lockPerson(
  tx: Transaction,
  identity: ExternalIdentity & { readonly role: Role },
): Promise<PersonRow> {
  const { issuer, subject, displayName, role, issuedAt } = identity;
  const id = uuidv7();
  const made = await tx.query(
    `INSERT INTO users (id, display_name, role, issuer, subject, issuer_role_at) VALUES ($1, $2, $3::user_role, $4, $5, $6)
     ON CONFLICT (issuer, subject) DO NOTHING`,
    [id, displayName, role, issuer, subject, issuedAt],
  );
  if (made.rowCount === 1) {
    // Behind the insert, which waits for an erasure that is under way.
    if (await wasErasedSince(tx, identity)) throw ended();
    if (role !== 'reporter') await recordRole(tx, id, role, issuer, null);
  }
  const person = await findPerson(tx, identity);
  if (person === undefined) throw ended();
  return person;
}

async function findPerson(
  tx: Transaction,
  { issuer, subject }: ExternalIdentity,
): Promise<PersonRow | undefined> {
  const { rows } = await tx.query<PersonRow>(
    `SELECT id, role::text AS role, disabled_at IS NOT NULL AS disabled, issuer_role_at AS "roleAt"
     FROM users WHERE issuer = $1 AND subject = $2 FOR UPDATE`,
    [issuer, subject],
  );
  return rows[0];
}

/** Whether a token's subject was forgotten after the token was made. */
async function wasErasedSince(
  tx: Transaction,
  { issuer, subject, issuedAt }: ExternalIdentity,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT FROM erased_subjects WHERE hash = subject_hash($1, $2)
       AND erased_at >= $3::timestamptz - make_interval(secs => $4)`,
    [issuer, subject, issuedAt, CLOCK_TOLERANCE_S],
  );
  return rowCount !== 0;
}

/** A token that was kept back gives no role that its holder has lost since. */
async function followIssuer(
  tx: Transaction,
  person: PersonRow,
  { role, displayName, issuedAt, issuer }: ExternalIdentity & { readonly role: Role },
): Promise<Role> {
  if (issuedAt <= person.roleAt) return person.role;
  await tx.query(
    'UPDATE users SET role = $2::user_role, display_name = $3, issuer_role_at = $4 WHERE id = $1',
    [person.id, role, displayName, issuedAt],
  );
  if (role !== person.role) {
    await recordRole(tx, person.id, role, issuer, person.role);
    if (person.role === 'operator') await takeBack(tx, person.id, issuedAt);
  }
  return role;
}

async function recordRole(
  tx: Transaction,
  id: string,
  to: Role,
  issuer: string,
  from: Role | null,
): Promise<void> {
  const details = { from, to, issuer };
  await recordAct(tx, THE_HOUSE, { action: 'issuer.role_changed', target: { kind: 'user', id }, details });
}

async function findOrBegin(
  tx: Transaction,
  userId: string,
  { sessionKey, expiresAt }: ExternalIdentity,
  now: Date,
): Promise<string> {
  const { rows } = await tx.query<{ id: string; userId: string; revoked: boolean }>(
    'SELECT id, user_id AS "userId", revoked_at IS NOT NULL AS revoked FROM sessions WHERE external_key = $1 FOR UPDATE',
    [sessionKey],
  );
  const [found] = rows;
  if (found !== undefined) {
    if (found.revoked || found.userId !== userId) throw ended();
    await tx.query(
      'UPDATE sessions SET last_used_at = GREATEST(last_used_at, $2), expires_at = GREATEST(expires_at, $3) WHERE id = $1',
      [found.id, now, expiresAt],
    );
    return found.id;
  }
  await makeRoom(tx, userId, now);
  const id = uuidv7();
  const { rowCount } = await tx.query(
    `INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, external_key) VALUES ($1, $2, $3, $3, GREATEST($4, $3::timestamptz + interval '1 minute'), $5)
     ON CONFLICT (external_key) DO NOTHING`,
    [id, userId, now, expiresAt, sessionKey],
  );
  // Two people whose tokens name one session: the issuer is at fault, and the first has it.
  if (rowCount === 0) throw ended();
  return id;
}

async function makeRoom(tx: Transaction, userId: string, now: Date): Promise<void> {
  await tx.query(
    `DELETE FROM sessions WHERE user_id = $1 AND (expires_at <= $2 OR id IN (
       SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL ORDER BY last_used_at DESC, id DESC OFFSET $3))`,
    [userId, now, MAX_SESSIONS - 1],
  );
  const { rows } = await tx.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM sessions WHERE user_id = $1',
    [userId],
  );
  if ((rows[0]?.n ?? 0) >= 2 * MAX_SESSIONS)
    throw new HaloError('too_many_sessions', 'This account has had too many sessions.', {
      status: 429,
      hint: 'Those that were ended are remembered for a while; try again later.',
    });
}

function ended(): HaloError {
  return new HaloError('session_revoked', 'This session has been ended.', {
    status: 401,
    hint: 'Log in again.',
  });
}
