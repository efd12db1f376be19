import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { UserKind } from '@halo/shapes/protocol/users.ts';
import type { Transaction } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';

/** An account that an operator acts on, locked until the transaction ends. */
export interface LockedPerson {
  readonly id: string;
  readonly role: Role;
  readonly kind: UserKind;
  readonly disabled: boolean;
  readonly erasing: boolean;
}

/**
 * Locks somebody whom an operator acts on, and with him all operators: two who take each other's role at once come one after the other,
 * and the second finds that he is none any more.
 *
 * @throws HaloError 403 `forbidden` when the actor is no operator at this moment; 404 `user_not_found`
 */
export async function lockForOperator(
  tx: Transaction,
  actorId: string,
  userId: string,
): Promise<{ readonly person: LockedPerson; readonly isLastOperator: boolean }> {
  const { rows } = await tx.query<LockedPerson>(
    `SELECT id, role::text AS role, users.kind, disabled_at IS NOT NULL AS disabled, erasing_at IS NOT NULL AS erasing
     FROM users WHERE role = 'operator' OR id = $1 ORDER BY id FOR UPDATE`,
    [userId],
  );
  const operators = rows.filter(({ role, disabled }) => role === 'operator' && !disabled);
  if (!operators.some(({ id }) => id === actorId)) throw onlyOperators();
  const person = rows.find(({ id }) => id === userId);
  if (person === undefined)
    throw new HaloError('user_not_found', 'There is no such account.', { status: 404 });
  // Those whom another issuer vouches for may be gone tomorrow by its word.
  const staying = operators.filter(({ id, kind }) => kind === 'account' && id !== userId);
  return { person, isLastOperator: isStandingOperator(person) && staying.length === 0 };
}

function isStandingOperator({ role, kind, disabled }: LockedPerson): boolean {
  return role === 'operator' && kind === 'account' && !disabled;
}

/**
 * Keeps an operator's role as it is until the transaction ends.
 *
 * @throws HaloError 403 `forbidden` when he is none at this moment, whatever his token says
 */
export async function lockOperator(tx: Transaction, actorId: string): Promise<void> {
  const { rowCount } = await tx.query(
    `SELECT FROM users WHERE id = $1 AND role = 'operator' AND disabled_at IS NULL FOR SHARE`,
    [actorId],
  );
  if (rowCount === 0) throw onlyOperators();
}

function onlyOperators(): HaloError {
  return new HaloError('forbidden', 'Only operators may do this.', { status: 403 });
}
