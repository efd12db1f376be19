import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Pool } from '../../server/db/pool.ts';
import { directoryStore } from '../../server/operations/backups/directory-store.ts';
import { readable } from '../../server/operations/backups/readable-backup.ts';
import { listBackups } from '../../server/operations/backups/shelf.ts';
import { takeBackup } from '../../server/operations/backups/take-backup.ts';
import { verifyBackup } from '../../server/operations/backups/verify-backup.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { sleep } from '../../server/platform/sleep.ts';
import { ownCluster } from '../support/own-cluster.ts';

const log = createLogger('silent');
const never = new AbortController().signal;
const SLOT = 'halo_0000000000fc';
const LIMIT_BYTES = 32 * 1024 ** 2;

/** Rows that nothing makes smaller, more than a slot may hold of WAL. */
async function fillPastLimit(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO job_runs (id, job, trigger, state, started_at, finished_at, result)
     SELECT gen_random_uuid(), 'large', 'manual', 'succeeded', now(), now(), jsonb_build_object('noise',
              (SELECT string_agg(md5(n || '.' || i || '.' || random()), '') FROM generate_series(1, 120) AS of_it (i)))
       FROM generate_series(1, 20000) AS made (n)`,
  );
}

/** An instance that reads its slot as it comes, while Postgres takes its checkpoints, until it is told to stop. */
async function follow(pool: Pool, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await pool.query(
      `SELECT count(*) FROM pg_logical_slot_get_binary_changes('${SLOT}', NULL, NULL, 'proto_version', '1', 'publication_names', 'halo')`,
    );
    // It writes down who is writing, by which slots move on, and takes away WAL that none may hold.
    await pool.query('CHECKPOINT');
    await sleep(50);
  }
}

it('a trial that writes more WAL than slots bear costs no instance its slot', async () => {
  const cluster = await ownCluster({
    max_slot_wal_keep_size: `${LIMIT_BYTES / 1024 ** 2}MB`,
    max_wal_size: '32MB',
    min_wal_size: '32MB',
  });
  const { pool, url } = await cluster.start();
  const dir = mkdtempSync(join(tmpdir(), 'halo-trial-wal-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  await fillPastLimit(pool);
  const store = directoryStore(dir);
  const plan = { databaseUrl: url, store, key: undefined, version: '1', runId: null };
  await takeBackup({ ...plan, method: 'copy' }, never);
  const [backup] = await listBackups(store);

  await pool.query(`SELECT pg_create_logical_replication_slot('${SLOT}', 'pgoutput')`);
  const { rows: begun } = await pool.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
  const stop = new AbortController();
  const following = follow(pool, stop.signal);
  // It is asked for once the trial has ended.
  following.catch(() => {});
  const verified = await verifyBackup(
    url,
    'halo_verify_wal',
    readable(store, backup!, undefined),
    log,
    never,
  ).finally(() => stop.abort());
  expect(verified.rows).toBeGreaterThan(20_000);
  // Fails with the slot's loss where it has been lost.
  await following;
  const { rows } = await pool.query<{ written: string; status: string }>(
    `SELECT pg_current_wal_lsn() - $1::pg_lsn AS written, wal_status AS status FROM pg_replication_slots WHERE slot_name = $2`,
    [begun[0]!.lsn, SLOT],
  );
  expect(Number(rows[0]!.written)).toBeGreaterThan(1.5 * LIMIT_BYTES);
  expect(rows[0]!.status).not.toMatch(/lost|unreserved/);
}, 180_000);
