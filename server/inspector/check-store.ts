import { recordAct } from '../audit/audit-log.ts';
import type { Actor } from '../audit/audit-log.ts';
import type { CheckAnswer } from '@halo/shapes/protocol/device-report.ts';
import type { DeviceCheck } from '@halo/shapes/protocol/inspector-devices.ts';
import type { Pool, Queryable } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';

/** A device that has not answered within this time is asked no more. */
const OPEN_FOR = `interval '1 hour'`;
/** Open checks that an instance holds at once; more wait for these. */
const MAX_OPEN = 1_000;
/** Checks that are kept of a device. */
export const MAX_CHECKS = 20;

interface CheckRow {
  readonly id: string;
  readonly device_id: string;
  readonly asked_by: string | null;
  readonly asked_at: Date;
  readonly sent_at: Date | null;
  readonly answered_at: Date | null;
  readonly answer: CheckAnswer | null;
  readonly expired: boolean;
}

const COLUMNS = `id, device_id, asked_by, asked_at, sent_at, answered_at, answer,
  answered_at IS NULL AND asked_at < now() - ${OPEN_FOR} AS expired`;

/** The newest checks of a device. */
export async function listChecks(
  db: Queryable,
  deviceId: string,
  limit = MAX_CHECKS,
): Promise<DeviceCheck[]> {
  const { rows } = await db.query<CheckRow>(
    `SELECT ${COLUMNS} FROM device_checks WHERE device_id = $1 ORDER BY asked_at DESC, id DESC LIMIT $2`,
    [deviceId, limit],
  );
  return rows.map(checkOf);
}

/**
 * Asks a device whether its replica is right; one that has been asked and has not answered is not asked twice. Fails with 404
 * `device_not_found`, and with 409 `device_cannot_answer` for a client that does not name its device.
 */
export async function askDevice(
  pool: Pool,
  id: string,
  deviceId: string,
  asker: Actor & { readonly userId: string },
): Promise<DeviceCheck> {
  return inTransaction(pool, async (tx) => {
    const { rows: devices } = await tx.query<{ user_id: string; known_by: string; reports: boolean }>(
      'SELECT user_id, known_by, reported_at IS NOT NULL AS reports FROM device_status WHERE id = $1 FOR UPDATE',
      [deviceId],
    );
    const device = devices[0];
    if (device === undefined) throw deviceNotFound();
    if (device.known_by !== 'device' || !device.reports) {
      throw new HaloError(
        'device_cannot_answer',
        'This client does not tell of itself, and cannot be asked.',
        {
          status: 409,
          hint: 'A newer version of the app can.',
        },
      );
    }
    const { rows: open } = await tx.query<CheckRow>(
      `SELECT ${COLUMNS} FROM device_checks
        WHERE device_id = $1 AND answered_at IS NULL AND asked_at > now() - ${OPEN_FOR} LIMIT 1`,
      [deviceId],
    );
    if (open[0] !== undefined) return checkOf(open[0]);
    await tx.query(
      `DELETE FROM device_checks WHERE device_id = $1 AND id NOT IN (
         SELECT id FROM device_checks WHERE device_id = $1 ORDER BY asked_at DESC, id DESC LIMIT $2)`,
      [deviceId, MAX_CHECKS - 1],
    );
    const { rows } = await tx.query<CheckRow>(
      `INSERT INTO device_checks (id, device_id, user_id, asked_by) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`,
      [id, deviceId, device.user_id, asker.userId],
    );
    const target = { kind: 'device', id: deviceId };
    const details = { checkId: id, userId: device.user_id };
    await recordAct(tx, asker, { action: 'device.check_asked', target, details });
    return checkOf(rows[0]!);
  });
}

/** Takes a device's answer; a second one changes nothing. Fails with 404 `check_not_found` where it was not asked that. */
export async function answerCheck(
  db: Queryable,
  { id, deviceId, userId }: { readonly id: string; readonly deviceId: string; readonly userId: string },
  answer: CheckAnswer,
): Promise<void> {
  const { rowCount } = await db.query(
    `UPDATE device_checks SET answered_at = coalesce(answered_at, now()), answer = coalesce(answer, $4),
            sent_at = coalesce(sent_at, now())
      WHERE id = $1 AND device_id = $2 AND user_id = $3`,
    [id, deviceId, userId, answer],
  );
  if (rowCount === 0) {
    throw new HaloError('check_not_found', 'This device was not asked that.', { status: 404 });
  }
}

/** Checks that wait for their device. */
export async function listOpenChecks(
  db: Queryable,
): Promise<readonly { readonly id: string; readonly deviceId: string }[]> {
  const { rows } = await db.query<{ id: string; deviceId: string }>(
    `SELECT id, device_id AS "deviceId" FROM device_checks
      WHERE answered_at IS NULL AND asked_at > now() - ${OPEN_FOR} ORDER BY asked_at LIMIT ${MAX_OPEN}`,
  );
  return rows;
}

/** Notes that devices were given these checks. */
export async function markSent(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query('UPDATE device_checks SET sent_at = coalesce(sent_at, now()) WHERE id = ANY($1::uuid[])', [
    ids,
  ]);
}

export function deviceNotFound(): HaloError {
  return new HaloError('device_not_found', 'No such device is known.', { status: 404 });
}

function checkOf(row: CheckRow): DeviceCheck {
  const { answer, sent_at: sentAt, answered_at: answeredAt } = row;
  const compared = answer?.shapes.filter(({ outcome }) => outcome !== 'not_compared') ?? [];
  return {
    id: row.id,
    deviceId: row.device_id,
    askedBy: row.asked_by,
    askedAt: row.asked_at.toISOString(),
    sentAt: sentAt?.toISOString() ?? null,
    answeredAt: answeredAt?.toISOString() ?? null,
    state: answer !== null ? 'answered' : row.expired ? 'expired' : sentAt === null ? 'asked' : 'sent',
    right: compared.length === 0 ? null : compared.every(({ outcome }) => outcome === 'equal'),
    answer,
  };
}
