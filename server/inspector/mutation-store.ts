import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { MutationDetail, MutationList } from '@halo/shapes/protocol/inspector.ts';
import { comesAfter, microsOf } from '../db/keyset.ts';
import type { Queryable } from '../db/pool.ts';
import type { KeysetPosition } from '../platform/keyset-cursor.ts';
import { redactPositions } from './redact.ts';

/** Which mutations are asked for. */
export interface MutationFilter {
  readonly status?: 'applied' | 'rejected' | undefined;
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
  readonly deviceId?: string | undefined;
}

type SettledMutation = MutationList['mutations'][number];

interface Row {
  readonly id: string;
  readonly device_id: string;
  readonly seq: string;
  readonly user_id: string;
  readonly email: string | null;
  readonly display_name: string;
  readonly role: Role;
  readonly type: string;
  readonly status: 'applied' | 'rejected';
  readonly code: string | null;
  readonly message: string | null;
  readonly field: string | null;
  readonly claimed_at: Date;
  readonly clock_suspect: boolean;
  readonly settled_at: Date;
  readonly micros: number;
}

const COLUMNS = `l.id, l.device_id, l.seq, l.user_id, u.email, u.display_name, u.role::text AS role, l.type, l.status::text AS status,
  l.code, l.message, l.field, l.claimed_at, l.clock_suspect, l.settled_at`;

/** Settled mutations of all people, newest first, after a position. */
export async function listMutations(
  db: Queryable,
  { status, code, type, userId, deviceId }: MutationFilter,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: SettledMutation; readonly position: KeysetPosition }[]> {
  const values: unknown[] = [limit];
  const conditions = ['true'];
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  // In words that an index on rejected ones knows again.
  if (status !== undefined) conditions.push(`l.status = '${status === 'rejected' ? 'rejected' : 'applied'}'`);
  where((parameter) => `l.code = ${parameter}`, code);
  where((parameter) => `l.type = ${parameter}`, type);
  where((parameter) => `l.user_id = ${parameter}::uuid`, userId);
  where((parameter) => `l.device_id = ${parameter}::uuid`, deviceId);
  if (after !== undefined) {
    values.push(after.micros, after.id);
    conditions.push(comesAfter('l.settled_at', 'l.id', `$${values.length - 1}`, `$${values.length}`));
  }
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS}, ${microsOf('l.settled_at')} AS micros FROM ledger l JOIN users u ON u.id = l.user_id
      WHERE ${conditions.join(' AND ')} ORDER BY l.settled_at DESC, l.id DESC LIMIT $1`,
    values,
  );
  return rows.map((row) => ({ item: mutationOf(row), position: { micros: row.micros, id: row.id } }));
}

/** One mutation with what it asked for, as exact as `role` may see it. */
export async function findMutation(
  db: Queryable,
  id: string,
  role: Role,
): Promise<MutationDetail | undefined> {
  const { rows } = await db.query<
    Row & { args: unknown; result: Record<string, unknown> | null; txid: string }
  >(
    `SELECT ${COLUMNS}, 0 AS micros, l.args, l.result, l.txid FROM ledger l JOIN users u ON u.id = l.user_id WHERE l.id = $1`,
    [id],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const args = redactPositions(row.args, role);
  const result = redactPositions(row.result, role);
  return {
    ...mutationOf(row),
    txid: row.txid,
    args: args.value,
    result: result.value as Record<string, unknown> | null,
    redacted: args.redacted || result.redacted,
  };
}

/** What became of a device's mutations. */
export async function countMutations(db: Queryable, deviceId: string) {
  const { rows } = await db.query<{ applied: number; rejected: number; last: Date | null }>(
    `SELECT count(*) FILTER (WHERE status = 'applied')::int AS applied,
            count(*) FILTER (WHERE status = 'rejected')::int AS rejected, max(settled_at) AS last
       FROM ledger WHERE device_id = $1`,
    [deviceId],
  );
  const { applied, rejected, last } = rows[0]!;
  return { applied, rejected, lastSettledAt: last?.toISOString() ?? null };
}

function mutationOf(row: Row): SettledMutation {
  return {
    id: row.id,
    deviceId: row.device_id,
    seq: Number(row.seq),
    user: { id: row.user_id, email: row.email, displayName: row.display_name, role: row.role },
    type: row.type,
    status: row.status,
    code: row.code,
    message: row.message,
    field: row.field,
    claimedAt: row.claimed_at.toISOString(),
    clockSuspect: row.clock_suspect,
    settledAt: row.settled_at.toISOString(),
  };
}
