import { column } from '@halo/shapes/catalog/shape.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { changesIn } from '../support/read-path.ts';
import { ownCluster } from '../support/own-cluster.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { TestDatabase } from '../support/database.ts';
import { follow } from '../support/things-database.ts';
import type { TestReadPath } from '../support/read-path.ts';

const THINGS = `
  CREATE TABLE things (id int PRIMARY KEY, v text);
  ALTER TABLE things REPLICA IDENTITY FULL;
  CREATE PUBLICATION things FOR TABLE things`;

const definition: ShapeDefinition = {
  name: 'things',
  table: 'things',
  columns: [column('id', 'int4'), column('v', 'text', 'null')],
  key: ['id'],
  where: null,
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
};

function again(database: TestDatabase, { dir, slotName }: TestReadPath): Promise<TestReadPath> {
  return follow(database, { dir, slotName });
}

it('invariant 3: begins the log anew, in one new epoch for all instances, when the database was rolled back', async () => {
  const cluster = await ownCluster();
  let database = await cluster.start();
  await database.pool.query(THINGS);
  let instances = [await follow(database), await follow(database)];
  await database.pool.query(`INSERT INTO things VALUES (1, 'kept')`);
  for (const instance of instances) await instance.caughtUp();
  for (const instance of instances) await instance.stop();
  await cluster.stop();
  await cluster.takeSnapshot();

  database = await cluster.start();
  instances = [await again(database, instances[0]!), await again(database, instances[1]!)];
  await database.pool.query(
    `INSERT INTO things SELECT g, repeat('lost', 50) FROM generate_series(2, 5000) g`,
  );
  for (const instance of instances) await instance.caughtUp();
  expect(instances.map(({ replication }) => replication.status().lastReset)).toEqual([undefined, undefined]);
  const former = instances[0]!.log.epoch;
  for (const instance of instances) await instance.stop();
  await cluster.stop();
  await cluster.restoreSnapshot();

  database = await cluster.start();
  instances = await Promise.all(instances.map((instance) => again(database, instance)));
  await database.pool.query(`INSERT INTO things VALUES (2, 'after')`);
  for (const instance of instances) await instance.caughtUp();
  const reasons = instances.map(({ replication }) => replication.status().lastReset?.reason);
  expect(reasons).toContain('database_rolled_back');
  for (const reason of reasons) expect(['database_rolled_back', 'epoch_changed']).toContain(reason);
  const [first, second] = instances.map(({ log }) => log.epoch);
  expect(first).toBe(second);
  expect(first).not.toBe(former);
  for (const { log } of instances) expect((await changesIn(log)).at(-1)).toBe('insert things 2,after');

  // The new epoch is one more history like any other: nothing is begun anew because of it.
  for (const instance of instances) await instance.stop();
  instances = await Promise.all(instances.map((instance) => again(database, instance)));
  expect(instances.map(({ replication }) => replication.status().lastReset)).toEqual([undefined, undefined]);
});

it('scenario O7: begins the log anew when Postgres has thrown its WAL away', async () => {
  const cluster = await ownCluster({ max_slot_wal_keep_size: '1MB', max_wal_size: '32MB' });
  const database = await cluster.start();
  await database.pool.query(THINGS);
  const first = await follow(database);
  await first.caughtUp();
  await first.stop();
  for (let segment = 0; segment < 4; segment += 1) {
    await database.pool.query(`INSERT INTO things VALUES ($1, 'missed')`, [segment]);
    await database.pool.query('SELECT pg_switch_wal()');
  }
  await database.pool.query('CHECKPOINT');
  const second = await again(database, first);
  expect(second.replication.status().lastReset?.reason).toBe('slot_lost');
  await database.pool.query(`INSERT INTO things VALUES (9, 'after')`);
  await second.caughtUp();
  expect(await changesIn(second.log)).toEqual(['insert things 9,after']);
});

it('scenario O7: goes on by itself, at the cost of one refetch, when its WAL is thrown away while it streams', async () => {
  const cluster = await ownCluster({ max_slot_wal_keep_size: '1MB', max_wal_size: '32MB' });
  const { pool, ...database } = await cluster.start();
  await pool.query(THINGS);
  const catalog = new Map([['things', definition]]);
  const server = await startShapeServer({ pool, ...database }, { publication: 'things', catalog });
  onTestFinished(() => server.stop());
  const shape = new StrictShapeReader(server.url, '/v1/shapes/things');
  await shape.catchUp();
  // A transaction that stays open makes the slot keep all WAL since it began.
  const open = await pool.connect();
  await open.query(`BEGIN; INSERT INTO things VALUES (0, 'open')`);
  const { status } = server.readPath.replication;
  for (let segment = 1; status().streaming; segment += 1) {
    await pool.query(`INSERT INTO things VALUES ($1, 'missed')`, [segment]);
    await pool.query('SELECT pg_switch_wal()');
    await pool.query('CHECKPOINT');
  }
  await open.query('COMMIT');
  open.release();
  await eventually(() => status().streaming);
  expect(status().lastReset?.reason).toMatch(/^slot_(lost|missing)$/);
  await pool.query(`INSERT INTO things VALUES (-1, 'after')`);
  await server.readPath.caughtUp();
  await shape.catchUp();
  const { rows } = await pool.query('SELECT id::text, v FROM things ORDER BY things.id');
  const read = [...shape.rows.values()].toSorted((a, b) => Number(a['id']) - Number(b['id']));
  expect([read, shape.refetches]).toEqual([rows, 1]);
});

it('takes a position that Postgres has sent for its own, also across a switch of WAL files and a crash', async () => {
  const cluster = await ownCluster();
  let database = await cluster.start();
  await database.pool.query(THINGS);
  let readPath = await follow(database);
  for (let round = 0; round < 3; round += 1) {
    await database.pool.query(`INSERT INTO things VALUES ($1, 'x')`, [round]);
    await readPath.caughtUp();
    await database.pool.query('SELECT pg_switch_wal()');
    const { rows } = await database.pool.query<{ lsn: string }>(
      `SELECT (pg_current_wal_flush_lsn() - '0/0')::text AS lsn`,
    );
    // Postgres tells by keepalives how far it has read, and they are what the position follows here.
    await readPath.log.whenReached(BigInt(rows[0]!.lsn) - 1n, AbortSignal.timeout(60_000));
    await readPath.stop();
    if (round > 0) {
      await (round === 1 ? cluster.stop() : cluster.crash());
      database = await cluster.start();
    }
    readPath = await again(database, readPath);
    expect(readPath.replication.status().lastReset).toBeUndefined();
  }
});
