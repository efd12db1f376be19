import type { ChangeLog } from '../change-log/change-log.ts';
import type { Pool } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';

/** Longest that a snapshot waits for the log to reach its barrier, in milliseconds. */
const TIMEOUT_MS = 30_000;

/**
 * Marks in the WAL. A mark is written after it was asked for, so that what was visible to the asker has its commit
 * record before it; those who ask while one is being written share the next, and its write to the disk.
 */
export class Barriers {
  readonly #pool: Pool;
  readonly #changeLog: ChangeLog;
  /** Being written: too early for whoever asks now. */
  #writing: Promise<unknown> | null = null;
  /** Waits for the one being written. */
  #next: Promise<bigint> | null = null;

  constructor(pool: Pool, changeLog: ChangeLog) {
    this.#pool = pool;
    this.#changeLog = changeLog;
  }

  /** Writes a mark and waits until the log has it; throws `replication_behind` when that takes too long. */
  async pass(signal: AbortSignal): Promise<void> {
    const lsn = await this.#mark();
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      await this.#changeLog.whenReached(lsn, AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (!timeout.aborted) throw error;
      throw replicationBehind();
    }
  }

  #mark(): Promise<bigint> {
    return (this.#next ??= this.#write(this.#writing));
  }

  async #write(before: Promise<unknown> | null): Promise<bigint> {
    // Also lets all who ask in this turn of the loop come in.
    await before?.catch(() => {});
    const writing = write(this.#pool);
    this.#writing = writing;
    this.#next = null;
    try {
      return await writing;
    } finally {
      if (this.#writing === writing) this.#writing = null;
    }
  }
}

async function write(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ lsn: string }>(
    `SELECT pg_wal_lsn_diff(pg_logical_emit_message(true, 'halo.barrier', ''), '0/0')::text AS lsn`,
  );
  return BigInt(rows[0]!.lsn);
}

/** The log does not keep up, or replication is down. */
export function replicationBehind(): HaloError {
  return new HaloError('replication_behind', 'The change log is behind the database.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    details: { retryAfterS: 5 },
  });
}
