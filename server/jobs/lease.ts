import { createHash } from 'node:crypto';
import pg from 'pg';
import { endClient } from '../db/end-client.ts';
import { GONE_AFTER_MS, leaveNothingBehind } from '../db/leave-nothing.ts';
import type { Logger } from '../platform/logger.ts';
import { sleep } from '../platform/sleep.ts';
import { LEASE_SESSION } from './job.ts';
import type { Lease, Leases } from './job.ts';

/** What leases need from outside. */
export interface LeasesParts {
  /** Must lead to Postgres itself or a pooler in session mode: the lock lives as long as the session. */
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly heartbeatMs?: number;
  /** How long Postgres keeps the lease of a machine that is gone: longer than its holder needs to learn that it was lost. */
  readonly goneAfterMs?: number;
}

/** First byte of the advisory keys of leases: "J". */
const NAMESPACE = 0x4a;
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * How often a held lease asks whether its session lives, and how long it waits for the answer. Together they are well below
 * `GONE_AFTER_MS`: a holder that was cut off stops before Postgres lets another in.
 */
const HEARTBEAT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Leases as session advisory locks, each on a connection of its own. Postgres frees the lock when the
 * session ends: at once where an instance crashed, and within a minute where its machine is gone without a word, since the
 * heartbeats stop. A lost connection is a lost lease. A lease row with an expiry was rejected: it needs clocks that agree and a
 * fencing token in every write.
 */
export function createLeases(parts: LeasesParts): Leases {
  const { databaseUrl, logger, heartbeatMs = HEARTBEAT_MS, goneAfterMs = GONE_AFTER_MS } = parts;
  const log = logger.child({ component: 'lease' });
  return {
    async tryAcquire(name) {
      const client = new pg.Client({
        connectionString: databaseUrl,
        application_name: `${LEASE_SESSION}${name}`,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        query_timeout: ANSWER_TIMEOUT_MS,
        keepAlive: true,
      });
      const lost = new AbortController();
      client.on('error', (error) => {
        log.warn({ err: error, lease: name }, 'the connection of a lease broke');
        lost.abort(error);
      });
      client.on('end', () => lost.abort(new Error(`the lease ${name} is no longer held`)));
      try {
        await client.connect();
        await leaveNothingBehind(client, goneAfterMs);
        const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
          leaseKey(name),
        ]);
        if (rows[0]?.taken !== true) {
          await endClient(client);
          return undefined;
        }
      } catch (error) {
        await endClient(client);
        throw error;
      }
      return hold(client, lost, heartbeatMs);
    },
  };
}

function hold(client: pg.Client, lost: AbortController, heartbeatMs: number): Lease {
  const beating = (async () => {
    for (;;) {
      await sleep(heartbeatMs, lost.signal);
      if (lost.signal.aborted) return;
      try {
        await client.query('SELECT 1');
      } catch (error) {
        // A session that does not answer may be gone, and its lock with it.
        lost.abort(error);
        return;
      }
    }
  })();
  return {
    lost: lost.signal,
    async release() {
      lost.abort(new Error('released'));
      await beating;
      await endClient(client);
    },
  };
}

/** The advisory key of a lease: the namespace and 56 bits of the name's hash. */
function leaseKey(name: string): bigint {
  const hash = createHash('sha256').update(name).digest();
  hash[0] = NAMESPACE;
  return hash.readBigInt64BE(0);
}
