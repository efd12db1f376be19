import type { Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';

/**
 * Most devices of one account that are in use. A device's row stays for ever, with its answers, so an account
 * may not make them without end. But each fresh installation and each private window is a device, and a person
 * who has had many over the years is not to be locked out.
 */
export const MAX_DEVICES_IN_USE = 50;
/**
 * A device that has sent nothing for so many days no longer counts; it may still send. Short, since whoever
 * has reached the bound is locked out for so long at most.
 */
export const IN_USE_DAYS = 30;
/** Most devices that one account adds in 24 hours: enough to equip a team, too few to fill a disk with. */
export const MAX_NEW_DEVICES_PER_DAY = 20;
/** How old `last_seen_at` may grow before a batch of nothing but replays renews it, in milliseconds. */
const SEEN_GRAIN_MS = 60_000;

/** A device's row, locked until the transaction ends. */
export interface LockedDevice {
  readonly lastSeq: number;
  readonly lastSeenAt: Date;
}

/**
 * Locks the device's row, so that its batches are settled one after the other on whatever instance. A device
 * that nobody has used yet becomes the caller's.
 */
export async function lockDevice(tx: Transaction, deviceId: string, userId: string): Promise<LockedDevice> {
  const known = await selectForUpdate(tx, deviceId);
  if (known === undefined) await addDevice(tx, deviceId, userId);
  const device = known ?? (await selectForUpdate(tx, deviceId));
  if (device === undefined)
    throw new HaloError('device_gone', 'The device was removed at this moment.', {
      status: 503,
      hint: 'Try again.',
    });
  if (device.user_id !== userId)
    throw new HaloError('device_of_another_account', 'This device belongs to another account.', {
      status: 403,
      field: 'deviceId',
      hint: 'Use a device id of its own for each account.',
    });
  return { lastSeq: Number(device.last_seq), lastSeenAt: device.last_seen_at };
}

/** Notes that a device was here when nothing else of its row changes; most of the time the row says so already. */
export async function touchDevice(
  tx: Transaction,
  deviceId: string,
  lastSeenAt: Date,
  now: Date,
): Promise<void> {
  if (now.getTime() - lastSeenAt.getTime() < SEEN_GRAIN_MS) return;
  await tx.query('UPDATE devices SET last_seen_at = now() WHERE id = $1', [deviceId]);
}

/** Notes how far a device has come when nothing of its batch is new to the ledger. */
export async function moveDevice(tx: Transaction, deviceId: string, lastSeq: number): Promise<void> {
  await tx.query('UPDATE devices SET last_seq = $2, last_seen_at = now() WHERE id = $1', [deviceId, lastSeq]);
}

interface DeviceRow {
  readonly user_id: string;
  readonly last_seq: string;
  readonly last_seen_at: Date;
}

async function selectForUpdate(tx: Transaction, deviceId: string): Promise<DeviceRow | undefined> {
  const { rows } = await tx.query<DeviceRow>({
    name: 'device_lock',
    text: 'SELECT user_id, last_seq, last_seen_at FROM devices WHERE id = $1 FOR UPDATE',
    values: [deviceId],
  });
  return rows[0];
}

/** The account's row is locked while its devices are counted, so that no two add the last one. */
async function addDevice(tx: Transaction, deviceId: string, userId: string): Promise<void> {
  const user = await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  if (user.rowCount === 0)
    throw new HaloError('account_gone', 'The account of this token no longer exists.', { status: 401 });
  const { rows } = await tx.query<{ in_use: number; added: number }>(
    `SELECT count(*) FILTER (WHERE last_seen_at > now() - make_interval(days => $2))::int AS in_use,
            count(*) FILTER (WHERE created_at > now() - interval '24 hours')::int AS added
     FROM devices WHERE user_id = $1 AND NOT for_requests`,
    [userId, IN_USE_DAYS],
  );
  const { in_use: inUse = 0, added = 0 } = rows[0] ?? {};
  if (inUse >= MAX_DEVICES_IN_USE)
    throw new HaloError('too_many_devices', `An account has at most ${MAX_DEVICES_IN_USE} devices in use.`, {
      status: 403,
      field: 'deviceId',
      hint: `Send from a device that is known, or wait until one has sent nothing for ${IN_USE_DAYS} days.`,
    });
  if (added >= MAX_NEW_DEVICES_PER_DAY)
    throw new HaloError(
      'too_many_new_devices',
      `An account adds at most ${MAX_NEW_DEVICES_PER_DAY} devices in 24 hours.`,
      {
        status: 403,
        field: 'deviceId',
        hint: 'Send from a device that is known, or wait a day.',
      },
    );
  await tx.query('INSERT INTO devices (id, user_id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [
    deviceId,
    userId,
  ]);
}
