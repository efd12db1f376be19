import type { Transaction } from '../db/pool.ts';

/** Takes back what an operator has handed out, when he loses the role or goes: it must not let him in again by another name. */
export async function takeBack(tx: Transaction, operatorId: string, now: Date): Promise<void> {
  await tx.query(
    `UPDATE invitations SET revoked_at = $2 WHERE invited_by = $1 AND revoked_at IS NULL AND accepted_at IS NULL`,
    [operatorId, now],
  );
  await tx.query('DELETE FROM password_resets WHERE issued_by = $1', [operatorId]);
}
