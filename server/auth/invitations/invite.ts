import { uuidv7 } from 'uuidv7';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { MAX_OPEN_INVITATIONS } from '@halo/shapes/protocol/users.ts';
import type { Invitation } from '@halo/shapes/protocol/users.ts';
import { actUnderRules, recordAct } from '../../audit/audit-log.ts';
import type { Act, Origin } from '../../audit/audit-log.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { HaloError } from '../../platform/errors.ts';
import type { Caller } from '../identity.ts';
import { emailTaken } from '../own-account.ts';
import type { Passwords } from '../passwords.ts';
import { lockOperator } from '../people/lock-people.ts';
import { hashOfSecret, makeSecret, SECRET_PREFIX } from '../secret-token.ts';
import * as store from './invitation-store.ts';

const DAY_MS = 86_400_000;
/** Serialises those who invite, so that the bound on open invitations holds. */
const LOCK_KEY = 7_201_002;

/**
 * Invites somebody. An earlier invitation of the address is taken back.
 *
 * @returns the invitation, and the secret, which is nowhere else
 * @throws HaloError 403 `forbidden`; 409 `email_taken`, `too_many_invitations`
 */
export async function invite(
  pool: Pool,
  actor: Caller,
  { email, role, expiresInDays }: { email: string; role: Role; expiresInDays: number },
  now: Date,
): Promise<{ invitation: Invitation; token: string }> {
  const { text, hash: tokenHash } = makeSecret(SECRET_PREFIX.invitation);
  const id = uuidv7();
  const expiresAt = new Date(now.getTime() + expiresInDays * DAY_MS);
  const act: Act = { action: 'invitation.made', target: { kind: 'invitation', id }, details: { role } };
  const invitation = await actUnderRules(pool, actor, act, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await lockOperator(tx, actor.userId);
    const { rowCount } = await tx.query('SELECT FROM users WHERE email = $1', [email]);
    if (rowCount !== 0) throw emailTaken();
    await store.revokeOf(tx, email, now);
    if ((await store.countOpen(tx, now)) >= MAX_OPEN_INVITATIONS)
      throw new HaloError('too_many_invitations', `${MAX_OPEN_INVITATIONS} invitations are open.`, {
        status: 409,
        hint: 'Take some back.',
      });
    await store.insertInvitation(tx, {
      id,
      email,
      role,
      tokenHash,
      invitedBy: actor.userId,
      createdAt: now,
      expiresAt,
    });
    await recordAct(tx, actor, act);
    return store.lockInvitation(tx, { id }, now);
  });
  if (invitation === undefined) throw new Error('an invitation was written and is not there');
  return { invitation, token: text };
}

/**
 * Takes an invitation back; one that is good no more stays as it is.
 *
 * @throws HaloError 403 `forbidden`; 404 `invitation_not_found`; 409 `invitation_accepted`
 */
export async function revokeInvitation(
  pool: Pool,
  actor: Caller,
  id: string,
  now: Date,
): Promise<Invitation> {
  const act: Act = { action: 'invitation.revoked', target: { kind: 'invitation', id } };
  return actUnderRules(pool, actor, act, async (tx) => {
    await lockOperator(tx, actor.userId);
    const found = await store.lockInvitation(tx, { id }, now);
    if (found === undefined)
      throw new HaloError('invitation_not_found', 'There is no such invitation.', { status: 404 });
    if (found.state === 'accepted')
      throw new HaloError('invitation_accepted', 'The invitation has been accepted.', {
        status: 409,
        hint: 'Disable the account instead.',
      });
    if (found.state !== 'open') return found;
    await tx.query('UPDATE invitations SET revoked_at = $2 WHERE id = $1', [id, now]);
    await recordAct(tx, actor, act);
    return { ...found, state: 'revoked' };
  });
}

/**
 * Makes the account that an invitation is for. The work is the same whether the secret is good or not.
 *
 * @throws HaloError 400 `invitation_invalid`; 409 `email_taken`
 */
export async function acceptInvitation(
  { pool, passwords }: { readonly pool: Pool; readonly passwords: Passwords },
  { token, password, displayName }: { token: string; password: string; displayName: string },
  origin: Origin,
  now: Date,
): Promise<Account> {
  const passwordHash = await passwords.hash(password);
  const id = uuidv7();
  return inTransaction(pool, async (tx) => {
    const invitation = await store.lockInvitation(tx, { tokenHash: hashOfSecret(token) }, now);
    if (invitation?.state !== 'open') throw invalid();
    const { email, role } = invitation;
    const { rowCount } = await tx.query(
      `INSERT INTO users (id, email, display_name, password_hash, role) VALUES ($1, $2, $3, $4, $5::user_role)
       ON CONFLICT (email) DO NOTHING`,
      [id, email, displayName, passwordHash, role],
    );
    // Whoever has registered the address meanwhile is not given the role.
    if (rowCount === 0) throw emailTaken();
    await tx.query('UPDATE invitations SET accepted_at = $2, accepted_by = $3 WHERE id = $1', [
      invitation.id,
      now,
      id,
    ]);
    const target = { kind: 'invitation', id: invitation.id };
    const details = { role, invitedBy: invitation.invitedBy };
    await recordAct(tx, { userId: id, origin }, { action: 'invitation.accepted', target, details });
    return { id, email, displayName, role };
  });
}

function invalid(): HaloError {
  return new HaloError('invitation_invalid', 'This invitation is not good.', {
    status: 400,
    field: 'token',
    hint: 'It may have been used, taken back, or have run out. Ask for another one.',
  });
}
