import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { createPool } from '../../server/db/pool.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { TEMPLATE_DATABASE } from './cluster.ts';

/** A walsender lets its slot go within moments of being ended. */
const SLOT_ATTEMPTS = 250;
const SLOT_WAIT_MS = 20;

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  readonly pool: Pool;
  /** Ends the pool and drops the database with its replication slots. */
  drop(): Promise<void>;
}

/**
 * Makes a database of its own, migrated unless told otherwise. The caller drops it; `useTestDatabase` does so
 * by itself.
 */
export async function createTestDatabase(options: { migrate?: boolean } = {}): Promise<TestDatabase> {
  const clusterUrl = inject('clusterUrl');
  const name = `halo_${randomBytes(6).toString('hex')}`;
  const template = (options.migrate ?? true) ? TEMPLATE_DATABASE : 'template0';
  await asAdmin(clusterUrl, async (admin) => {
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = withDatabase(clusterUrl, name);
  const pool = createPool(url, 10, createLogger('silent'));
  return {
    name,
    url,
    pool,
    async drop() {
      await pool.end();
      await asAdmin(clusterUrl, (admin) => dropDatabase(admin, name));
    },
  };
}

/**
 * A database for the running test: dropped when it passed, kept with its name printed when it failed. Call
 * it inside a test (not in a hook).
 */
export async function useTestDatabase(options: { migrate?: boolean } = {}): Promise<TestDatabase> {
  const database = await createTestDatabase(options);
  // Vitest calls `onTestFailed` after `onTestFinished`: the verdict must be read here.
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') await keep(database, task.name);
    else await database.drop();
  });
  return database;
}

/** Marks the database, so that the run's end keeps the cluster; its slots go, or they would hold the WAL. */
async function keep({ name, pool }: TestDatabase, test: string): Promise<void> {
  process.stderr.write(`kept: database ${name} of the test ${test}\n`);
  await pool.end();
  await asAdmin(inject('clusterUrl'), async (admin) => {
    await dropSlots(admin, name);
    await admin.query(`COMMENT ON DATABASE ${name} IS ${admin.escapeLiteral(`kept: ${test}`)}`);
  });
}

async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  await dropSlots(admin, name);
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** Ends the sessions in the database and drops its replication slots, once their walsenders are gone. */
async function dropSlots(admin: pg.Client, name: string): Promise<void> {
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [name]);
  for (let attempt = 0; attempt < SLOT_ATTEMPTS; attempt += 1) {
    const { rows } = await admin.query<{ slot_name: string; active: boolean }>(
      'SELECT slot_name, active FROM pg_replication_slots WHERE database = $1',
      [name],
    );
    if (rows.length === 0) break;
    for (const slot of rows.filter(({ active }) => !active)) {
      await admin.query('SELECT pg_drop_replication_slot($1)', [slot.slot_name]).catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, SLOT_WAIT_MS));
  }
}

async function asAdmin(url: string, work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client(url);
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
