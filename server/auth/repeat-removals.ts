import { recordAct, THE_HOUSE } from '../audit/audit-log.ts';
import type { Act } from '../audit/audit-log.ts';
import type { Transaction } from '../db/pool.ts';
import { endSessions } from './end-sessions.ts';
import { orderErasure } from './own-account.ts';
import type { LastTold } from './removal.ts';
import { takeBack } from './take-back.ts';

/** Accounts that are looked for in one statement. */
const LOOK = 5_000;

/** What entries of the audit log say of it: those of the first time are newer than the backup. */
const REASON = 'Done again after a restore.';

/** How many accounts were changed, and in which way. */
export interface Repeated {
  readonly forgotten: number;
  readonly disabled: number;
  readonly enabled: number;
  readonly roles: number;
  /** Operators with an account here who can log in after that. */
  readonly operators: number;
}

interface AccountRow {
  readonly id: string;
  readonly role: string;
  readonly disabled: boolean;
  readonly erasing: boolean;
}

/**
 * Does again, in a database of an earlier moment, what was done to accounts since; what is so already is left as it is, and who is
 * not in it needs nothing. Where anything was taken, what came of it is taken, too: sessions, and what an operator had handed out.
 */
export async function repeatRemovals(
  tx: Transaction,
  told: readonly LastTold[],
  now: Date,
): Promise<Repeated> {
  const counts = { forgotten: 0, disabled: 0, enabled: 0, roles: 0 };
  for (let at = 0; at < told.length; at += LOOK) {
    const some = new Map(told.slice(at, at + LOOK).map((one) => [one.userId, one]));
    const { rows } = await tx.query<AccountRow>(
      `SELECT id, role::text AS role, disabled_at IS NOT NULL AS disabled, erasing_at IS NOT NULL AS erasing
       FROM users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`,
      [[...some.keys()]],
    );
    for (const row of rows) {
      const did = await repeatOf(tx, row, some.get(row.id)!, now);
      for (const kind of did) counts[kind] += 1;
    }
  }
  const { rows } = await tx.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM users WHERE role = 'operator' AND users.kind = 'account' AND disabled_at IS NULL`,
  );
  return { ...counts, operators: rows[0]?.n ?? 0 };
}

type Kind = 'forgotten' | 'disabled' | 'enabled' | 'roles';

async function repeatOf(tx: Transaction, row: AccountRow, told: LastTold, now: Date): Promise<Kind[]> {
  const { id } = row;
  if (row.erasing) return [];
  if (told.forgotten) {
    await orderErasure(tx, id, now);
    await record(tx, id, 'user.erase_ordered');
    return ['forgotten'];
  }
  const did: Kind[] = [];
  if (told.endsSessions) await endSessions(tx, id, 'disabled', now);
  const { state, role } = told;
  if (state !== undefined && state.disabled !== row.disabled) {
    await tx.query('UPDATE users SET disabled_at = $2 WHERE id = $1', [id, state.disabled ? state.at : null]);
    did.push(state.disabled ? 'disabled' : 'enabled');
    await record(tx, id, state.disabled ? 'user.disabled' : 'user.enabled');
  }
  if (role !== undefined) {
    // A token of an issuer's that was made before, and kept back, must not give what was taken since.
    await tx.query(
      `UPDATE users SET role = $2::user_role, issuer_role_at = CASE WHEN issuer IS NULL THEN issuer_role_at ELSE GREATEST(issuer_role_at, $3) END
       WHERE id = $1`,
      [id, role.is, role.at],
    );
    if (role.is !== row.role) {
      did.push('roles');
      await record(tx, id, 'user.role_changed', { from: row.role, to: role.is });
    }
  }
  if (row.role === 'operator' && (told.endsSessions || told.wasNoOperator)) await takeBack(tx, id, now);
  return did;
}

async function record(
  tx: Transaction,
  id: string,
  action: Act['action'],
  details: Act['details'] = {},
): Promise<void> {
  await recordAct(tx, THE_HOUSE, { action, target: { kind: 'user', id }, reason: REASON, details });
}
