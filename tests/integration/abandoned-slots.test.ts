import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../server/platform/logger.ts';
import { createAbandonedSlotsJob } from '../../server/replication/abandoned-slots.ts';
import { createHeartbeat } from '../../server/replication/instances.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startReadPath } from '../support/read-path.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';

const logger = createLogger('silent');

/** A permanent slot that nobody reads, of an instance last seen so many days ago; unknown to the table when undefined. */
async function makeSlot({ pool }: TestDatabase, daysAgo: number | undefined): Promise<string> {
  const name = `halo_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [name]);
  if (daysAgo === undefined) return name;
  await createHeartbeat(pool, name, 'a-host').beat();
  await age(pool, name, daysAgo);
  return name;
}

async function age(pool: TestDatabase['pool'], slotName: string, days: number): Promise<void> {
  await pool.query(
    'UPDATE instances SET last_seen_at = now() - make_interval(days => $2) WHERE slot_name = $1',
    [slotName, days],
  );
}

async function slots({ pool }: TestDatabase): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT slot_name AS name FROM pg_replication_slots WHERE database = current_database()',
  );
  return rows.map(({ name }) => name).toSorted();
}

async function instances({ pool }: TestDatabase): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>('SELECT slot_name AS name FROM instances');
  return rows.map(({ name }) => name).toSorted();
}

describe('slots of instances that do not come back', () => {
  it('are dropped after a week, and no others', async () => {
    const [database, another] = [await useTestDatabase(), await useTestDatabase()];
    const own = await makeSlot(database, 30);
    const lately = await makeSlot(database, 6);
    const abandoned = await makeSlot(database, 8);
    const unknown = await makeSlot(database, undefined);
    const elsewhere = await makeSlot(another, 30);
    const active = await startReadPath(database);
    onTestFinished(() => active.remove());
    await eventually(() => active.replication.status().streaming);
    await createHeartbeat(database.pool, active.slotName, 'a-host').beat();
    await age(database.pool, active.slotName, 30);

    const job = createAbandonedSlotsJob(database.pool, own, logger);
    await job.run(new AbortController().signal);
    expect(await slots(database)).toEqual([own, lately, unknown, active.slotName].toSorted());
    expect(await slots(another)).toEqual([elsewhere]);
    expect(await instances(database)).not.toContain(abandoned);

    // The one that the table did not know has its time from the first run on.
    await age(database.pool, unknown, 8);
    await job.run(new AbortController().signal);
    expect(await slots(database)).toEqual([own, lately, active.slotName].toSorted());
  });

  it('cost an instance that comes back after all one new beginning', async () => {
    const database = await useTestDatabase();
    const first = await startReadPath(database);
    await eventually(() => first.replication.status().streaming);
    await createHeartbeat(database.pool, first.slotName, 'a-host').beat();
    await first.stop();
    // Its walsender ends a moment after its connection has, and a slot in use is nobody's to drop.
    await eventually(async () => {
      const { rows } = await database.pool.query(
        'SELECT active FROM pg_replication_slots WHERE slot_name = $1',
        [first.slotName],
      );
      expect(rows).toEqual([{ active: false }]);
    });
    await age(database.pool, first.slotName, 8);
    await createAbandonedSlotsJob(database.pool, 'halo_000000000000', logger).run(
      new AbortController().signal,
    );
    expect(await slots(database)).toEqual([]);

    const second = await startReadPath(database, { dir: first.dir, slotName: first.slotName });
    onTestFinished(() => second.remove());
    await eventually(() => second.replication.status().lastReset?.reason === 'slot_missing');
  });
});

describe('a heartbeat', () => {
  it('says what Postgres keeps for the instance furthest behind', async () => {
    const database = await useTestDatabase();
    const slotName = await makeSlot(database, undefined);
    await database.pool.query(`SELECT pg_logical_emit_message(true, 'halo.filler', repeat('x', 1000000))`);
    const heartbeat = createHeartbeat(database.pool, slotName, 'a-host');
    await heartbeat.beat();
    expect(heartbeat.retainedWalBytes()).toBeGreaterThan(1_000_000);
  });

  it('is sent by a running server, which names its host and shows the gauge', async () => {
    const database = await useTestDatabase();
    const server = await startServerProcess(database.url);
    onTestFinished(() => stopServerProcess(server));
    const { rows } = await database.pool.query<{ slot_name: string; host: string }>(
      'SELECT slot_name, host FROM instances',
    );
    expect(rows).toEqual([{ slot_name: (await slots(database))[0], host: expect.any(String) as string }]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^halo_replication_retained_wal_bytes \d/m);
  });
});
