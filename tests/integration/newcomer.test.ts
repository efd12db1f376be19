import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import type { Pool } from '../../server/db/pool.ts';
import { createNewcomer } from '../../server/replication/newcomer.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const OTHER = '0123456789ab';

it('a new log waits for those who follow another that streams and has more, and for no other reason', async () => {
  const { url, pool } = await useTestDatabase();
  const at = new Date();
  const { secondsLeft } = createNewcomer({
    db: pool,
    slotName: 'halo_ba9876543210',
    changeLog: { epoch: 'now', start: () => 10_000_000_000n },
    replication: { status: () => ({ lastReset: { reason: 'epoch_changed', at } }) },
    clock: { now: () => new Date(at.getTime() + 10_000) },
  });
  const other = { epoch: 'now', start: '9999999999', age: 1 };
  await report(pool, other);
  expect(await secondsLeft(), 'it says so, and is gone').toBe(0);
  await streamFrom(url, pool);
  expect(await secondsLeft()).toBe(50);
  await report(pool, { ...other, epoch: 'before' });
  expect(await secondsLeft(), 'what it has is of another history').toBe(0);
  await report(pool, { ...other, start: '10000000000' });
  expect(await secondsLeft(), 'it has nothing more').toBe(0);
  await report(pool, { ...other, age: 20 });
  expect(await secondsLeft(), 'it has not told for long').toBe(0);

  await report(pool, other);
  await reset(pool, 35);
  expect(await secondsLeft(), 'it began some time before').toBe(50);
  await reset(pool, 25);
  expect(await secondsLeft(), 'it began when this one did').toBe(0);
});

/** Keeps the other's slot active. */
async function streamFrom(url: string, pool: Pool): Promise<void> {
  await pool.query(`SELECT pg_create_logical_replication_slot('halo_${OTHER}', 'pgoutput')`);
  const client = new pg.Client({ connectionString: url, replication: 'database' } as pg.ClientConfig);
  client.on('error', () => {});
  await client.connect();
  const stream = client.query(
    `START_REPLICATION SLOT "halo_${OTHER}" LOGICAL 0/0 (proto_version '1', publication_names 'halo')`,
  );
  stream.catch(() => {});
  onTestFinished(async () => {
    await pool.query(
      'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND slot_name = $1',
      [`halo_${OTHER}`],
    );
    await eventually(async () => {
      await pool.query(`SELECT pg_drop_replication_slot('halo_${OTHER}')`);
    });
  });
  await eventually(async () => {
    const { rows } = await pool.query('SELECT active FROM pg_replication_slots WHERE slot_name = $1', [
      `halo_${OTHER}`,
    ]);
    expect(rows).toEqual([{ active: true }]);
  });
}

async function report(
  pool: Pool,
  { epoch, start, age }: { epoch: string; start: string; age: number },
): Promise<void> {
  await pool.query(
    `INSERT INTO instance_status (instance, reported_at, report) VALUES ($1, now() - $2 * interval '1 second', $3)
         ON CONFLICT (instance) DO UPDATE SET reported_at = excluded.reported_at, report = excluded.report`,
    [OTHER, age, { log: { epoch, start, bytes: 1 } }],
  );
}

async function reset(pool: Pool, secondsAgo: number): Promise<void> {
  await pool.query(
    `INSERT INTO replication_events (instance, at, kind, code)
     VALUES ($1, now() - $2 * interval '1 second', 'reset', 'epoch_changed')`,
    [OTHER, secondsAgo],
  );
}
