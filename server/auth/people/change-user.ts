import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { UserChange } from '@halo/shapes/protocol/users.ts';
import { actUnderRules, recordAct } from '../../audit/audit-log.ts';
import type { Act } from '../../audit/audit-log.ts';
import type { Pool, Transaction } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import { endSessions } from '../end-sessions.ts';
import type { Caller } from '../identity.ts';
import { lastOperator } from '../own-account.ts';
import { lockForOperator } from './lock-people.ts';
import type { LockedPerson } from './lock-people.ts';
import { revokeTokensMadeBy } from '../service-tokens/revoke-service-tokens.ts';
import { takeBack } from '../take-back.ts';

/**
 * Gives an account another role, disables it or enables it again; what is so already is left as it is. Disabling ends its sessions.
 *
 * @throws HaloError as `lockForOperator`; 409 `last_operator`, `own_account`, `role_by_issuer`, `role_not_possible`, `user_erasing`
 */
export async function changeUser(
  pool: Pool,
  actor: Caller,
  userId: string,
  change: UserChange,
  now: Date,
): Promise<void> {
  await actUnderRules(pool, actor, actOf(userId, change), async (tx) => {
    const { person, isLastOperator } = await lockForOperator(tx, actor.userId, userId);
    const role = change.role === person.role ? undefined : change.role;
    const disables = change.state === 'disabled' && !person.disabled;
    const enables = change.state === 'active' && person.disabled;
    const revokes = change.revokeServiceTokens === true;
    if (role === undefined && !disables && !enables && !revokes) return;
    checkRules(actor, person, role);
    if (isLastOperator) throw lastOperator('loses its role, or is disabled');
    if (role !== undefined) await changeRole(tx, actor, person, role, change.reason);
    if (enables) await enable(tx, actor, userId, change.reason);
    if (disables) await disable(tx, actor, userId, change.reason, now);
    if (revokes) await revokeTokensMadeBy(tx, actor, userId, change.reason, now);
    if (person.role === 'operator' && (role !== undefined || disables)) await takeBack(tx, userId, now);
  });
}

function actOf(userId: string, { role, state, reason }: UserChange): Act {
  const ofState = state === 'disabled' ? 'user.disabled' : 'user.enabled';
  return {
    action: role === undefined ? ofState : 'user.role_changed',
    target: { kind: 'user', id: userId },
    reason,
    details: { ...(role === undefined ? {} : { to: role }), ...(state === undefined ? {} : { state }) },
  };
}

function checkRules(actor: Caller, person: LockedPerson, role: Role | undefined): void {
  const refuse = (code: string, message: string, hint: string) =>
    new HaloError(code, message, { status: 409, hint });
  if (person.erasing)
    throw refuse('user_erasing', 'This account is being forgotten.', 'It is gone within minutes.');
  if (person.id === actor.userId)
    throw refuse('own_account', 'Nobody does this to himself.', 'Ask another operator.');
  if (role === undefined) return;
  if (person.kind === 'external')
    throw refuse('role_by_issuer', 'The issuer of this account says its role.', 'Change it there.');
  if (person.kind !== 'account')
    throw refuse(
      'role_not_possible',
      'This account stays a reporter.',
      'Only accounts with a log-in have roles.',
    );
}

async function changeRole(
  tx: Transaction,
  actor: Caller,
  person: LockedPerson,
  role: Role,
  reason: string,
): Promise<void> {
  await tx.query('UPDATE users SET role = $2::user_role WHERE id = $1', [person.id, role]);
  const details = { from: person.role, to: role };
  const target = { kind: 'user', id: person.id };
  await recordAct(tx, actor, { action: 'user.role_changed', target, reason, details });
}

async function enable(tx: Transaction, actor: Caller, id: string, reason: string): Promise<void> {
  await tx.query('UPDATE users SET disabled_at = NULL WHERE id = $1', [id]);
  await recordAct(tx, actor, { action: 'user.enabled', target: { kind: 'user', id }, reason });
}

async function disable(tx: Transaction, actor: Caller, id: string, reason: string, now: Date): Promise<void> {
  await tx.query('UPDATE users SET disabled_at = $2 WHERE id = $1', [id, now]);
  const sessions = await endSessions(tx, id, 'disabled', now);
  const details = { sessions };
  await recordAct(tx, actor, { action: 'user.disabled', target: { kind: 'user', id }, reason, details });
}
