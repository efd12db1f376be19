import type { Queryable } from '../db/pool.ts';
import { HaloError, messageOf } from '../platform/errors.ts';

/** How often Postgres is asked how far its ids have come, in milliseconds. */
const ASK_EVERY_MS = 10_000;
/** Without an answer for this long the stream is given up; Postgres cannot give out 2³¹ ids meanwhile. */
const GIVE_UP_AFTER_MS = 300_000;

/**
 * The whole id of a transaction, of which the WAL tells only the low 32 bits: the one that is nearest to
 * `reference`, which Postgres gave out at most 2³¹ ids ago. That is right for every transaction that the slot
 * can still send: Postgres stops giving out ids before the oldest one that a slot needs is 2³¹ behind.
 */
export function fullXid(xid: number, reference: bigint): bigint {
  return reference + BigInt.asIntN(32, BigInt(xid) - reference);
}

/** Knows how far Postgres's transaction ids have come, while a stream is followed. */
export interface TransactionIds {
  /** The whole id. As a number it is exact: 2⁵³ ids last for centuries. */
  full(xid: number): number;
  stop(): void;
}

/** Asks at once and then now and then; `fail` is told `transaction_ids_unknown` when there is no answer. */
export async function followTransactionIds(
  db: Queryable,
  fail: (error: unknown) => void,
): Promise<TransactionIds> {
  let reference = await readNextId(db);
  let askedAt = performance.now();
  let asking = false;
  const ask = async () => {
    if (asking) return;
    asking = true;
    const startedAt = performance.now();
    try {
      const next = await readNextId(db);
      if (next > reference) reference = next;
      askedAt = startedAt;
    } catch (error) {
      if (startedAt - askedAt > GIVE_UP_AFTER_MS) fail(unknown(error));
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => void ask(), ASK_EVERY_MS);
  return {
    full(xid) {
      const id = fullXid(xid, reference);
      if (id > reference) reference = id;
      return Number(id);
    },
    stop: () => clearInterval(timer),
  };
}

async function readNextId(db: Queryable): Promise<bigint> {
  const { rows } = await db.query<{ next: string }>(
    'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next',
  );
  return BigInt(rows[0]!.next);
}

function unknown(error: unknown): HaloError {
  return new HaloError(
    'transaction_ids_unknown',
    `Postgres has not told its transaction ids: ${messageOf(error)}.`,
    { hint: 'Replication starts again when Postgres answers; check that it does.', cause: error },
  );
}
