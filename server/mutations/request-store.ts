import { hash } from 'node:crypto';
import type { Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';

/** Top byte of the advisory locks of requests with a key, so that they meet no other's; the rest is of a hash. */
const NAMESPACE = 0x53n << 56n;
const HASH_BYTES = 7;

/** The mutation that a request with a key became. */
export interface KeptRequest {
  readonly mutationId: string;
  readonly requestHash: Buffer;
}

/** Holds a person's key until the transaction ends; resolves with false when somebody else does. */
export async function holdKey(tx: Transaction, userId: string, key: string): Promise<boolean> {
  const digest = hash('sha256', `${userId} ${key}`, 'buffer').subarray(0, HASH_BYTES);
  const lock = NAMESPACE | BigInt(`0x${digest.toString('hex')}`);
  const { rows } = await tx.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [
    lock.toString(),
  ]);
  return rows[0]?.held === true;
}

/** What a person's key stands for; undefined where it is new. */
export async function readKey(
  tx: Transaction,
  userId: string,
  key: string,
): Promise<KeptRequest | undefined> {
  const { rows } = await tx.query<KeptRequest>(
    `SELECT mutation_id AS "mutationId", request_hash AS "requestHash" FROM request_keys WHERE user_id = $1 AND key = $2`,
    [userId, key],
  );
  return rows[0];
}

/** Keeps what a key stands for, beside the ledger's row of the mutation. */
export async function writeKey(
  tx: Transaction,
  userId: string,
  key: string,
  { mutationId, requestHash }: KeptRequest,
): Promise<void> {
  await tx.query(
    'INSERT INTO request_keys (user_id, key, mutation_id, request_hash) VALUES ($1, $2, $3, $4)',
    [userId, key, mutationId, requestHash],
  );
}

/** Locks the device that an account's requests count as, and makes it the first time. */
export async function lockRequestDevice(
  tx: Transaction,
  userId: string,
  newDeviceId: string,
): Promise<{ readonly id: string; readonly lastSeq: number }> {
  const read = () =>
    tx.query<{ id: string; last_seq: string }>({
      name: 'device_for_requests',
      text: 'SELECT id, last_seq FROM devices WHERE user_id = $1 AND for_requests FOR UPDATE',
      values: [userId],
    });
  let { rows } = await read();
  if (rows.length === 0) {
    const user = await tx.query('SELECT 1 FROM users WHERE id = $1', [userId]);
    if (user.rowCount === 0)
      throw new HaloError('account_gone', 'The account of this token no longer exists.', { status: 401 });
    await tx.query(
      `INSERT INTO devices (id, user_id, for_requests) VALUES ($1, $2, true)
       ON CONFLICT (user_id) WHERE for_requests DO NOTHING`,
      [newDeviceId, userId],
    );
    ({ rows } = await read());
  }
  const [device] = rows;
  if (device === undefined) throw new Error('a device for requests was made and is not there');
  return { id: device.id, lastSeq: Number(device.last_seq) };
}
