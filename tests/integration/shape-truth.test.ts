import { randomUUID } from 'node:crypto';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import type pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../../server/platform/seeded-random.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServer, ShapeServerOptions } from '../support/shape-server.ts';

const COLUMNS = ['id', 'grp', 'n', 'note', 'flag'] as const;
/** Conditions of the shapes under test: indexed and not, with NULLs, over several columns. */
const CONDITIONS = [
  null,
  `grp = 'a'`,
  `grp IN ('a', 'b') AND n > 3`,
  `n <= 4 OR note IS NULL`,
  `NOT (flag OR n = 2)`,
  `grp <> 'c' AND flag`,
];

function catalog(): Map<string, ShapeDefinition> {
  return new Map(
    CONDITIONS.map((where, i) => {
      const name = `things_${i}`;
      const columns = [
        column('id', 'int4'),
        column('grp', 'text', 'null'),
        column('n', 'int4', 'null'),
        column('note', 'text', 'null'),
        column('flag', 'bool', 'null'),
      ];
      const definition = { name, table: 'things', columns, key: ['id'], where, values: [], params: {} };
      return [name, { ...definition, readers: ROLES, personal: false }] as const;
    }),
  );
}

async function thingsDatabase(): Promise<TestDatabase> {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE things (id int PRIMARY KEY, grp text, n int, note text, flag bool);
    ALTER TABLE things REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE things;
    INSERT INTO things SELECT i, chr(97 + i % 4), i % 7, 'row ' || i, i % 2 = 0 FROM generate_series(1, 30) i`);
  return database;
}

async function startThings(database: TestDatabase, options: ShapeServerOptions = {}): Promise<ShapeServer> {
  const server = await startShapeServer(database, { catalog: catalog(), ...options });
  onTestFinished(() => server.stop());
  return server;
}

function reader(server: ShapeServer, condition: number): StrictShapeReader {
  const replica = condition % 2 === 0 ? 'default' : 'full';
  return new StrictShapeReader(server.url, `/v1/shapes/things_${condition}`, { replica });
}

async function expectTruth(
  database: TestDatabase,
  readers: readonly (readonly [StrictShapeReader, number])[],
) {
  for (const [shape, condition] of readers) {
    const where = CONDITIONS[condition] ?? 'true';
    const { rows } = await database.pool.query<Record<string, string | null>>(
      `SELECT id::text, grp, n::text, note, CASE flag WHEN true THEN 't' WHEN false THEN 'f' END AS flag
         FROM things WHERE ${where} ORDER BY things.id`,
    );
    const held = [...shape.rows.values()].toSorted((a, b) => Number(a['id']) - Number(b['id']));
    const plain = held.map((row) => Object.fromEntries(COLUMNS.map((name) => [name, row[name]])));
    expect(plain, `condition ${condition}`).toEqual(rows);
  }
}

/** One random statement; keys collide often, and values move rows in and out of every condition. */
function statement(random: () => number): string {
  const pick = (count: number) => Math.floor(random() * count);
  const id = pick(40);
  const grp = ['NULL', `'a'`, `'b'`, `'c'`][pick(4)]!;
  const n = random() < 0.15 ? 'NULL' : String(pick(7));
  const note = random() < 0.3 ? 'NULL' : `'n/"\\ ${pick(5)}'`;
  const flag = ['NULL', 'true', 'false'][pick(3)]!;
  switch (pick(6)) {
    case 0:
      return `DELETE FROM things WHERE id = ${id}`;
    case 1:
      return `UPDATE things SET id = ${40 + pick(40)} WHERE id = ${id} AND NOT EXISTS (SELECT FROM things WHERE id >= 40)`;
    case 2:
      return `UPDATE things SET grp = ${grp}, note = ${note} WHERE id = ${id}`;
    case 3:
      return `UPDATE things SET n = ${n}, flag = ${flag} WHERE id IN (${id}, ${pick(40)})`;
    default:
      return `INSERT INTO things VALUES (${id}, ${grp}, ${n}, ${note}, ${flag})
              ON CONFLICT (id) DO UPDATE SET grp = ${grp}, n = ${n}, flag = ${flag}`;
  }
}

/** Sessions with open transactions whose statements and ends interleave at random. */
class RandomWriters {
  readonly #random: () => number;
  readonly #clients: { client: pg.PoolClient; open: boolean; busy: boolean }[];

  constructor(clients: readonly pg.PoolClient[], random: () => number) {
    this.#clients = clients.map((client) => ({ client, open: false, busy: false }));
    this.#random = random;
  }

  async act(): Promise<void> {
    const session = this.#clients[Math.floor(this.#random() * this.#clients.length)]!;
    if (session.busy) return;
    session.busy = true;
    try {
      if (!session.open) await session.client.query(`BEGIN; SET LOCAL lock_timeout = '20ms'`);
      session.open = true;
      await session.client.query(`SAVEPOINT s`);
      await session.client.query(statement(this.#random)).then(
        () => session.client.query(this.#random() < 0.15 ? 'ROLLBACK TO s' : 'RELEASE s'),
        () => session.client.query('ROLLBACK TO s'),
      );
      const dice = this.#random();
      if (dice < 0.6) return;
      await session.client.query(dice < 0.9 ? 'COMMIT' : 'ROLLBACK');
      session.open = false;
    } finally {
      session.busy = false;
    }
  }

  async finish(): Promise<void> {
    for (const session of this.#clients) {
      if (session.open) await session.client.query('COMMIT');
      session.open = false;
    }
  }
}

async function randomWriters(database: TestDatabase, random: () => number): Promise<RandomWriters> {
  const clients = await Promise.all([0, 1, 2, 3].map(() => database.pool.connect()));
  onTestFinished(() => clients.forEach((client) => client.release(true)));
  return new RandomWriters(clients, random);
}

describe('shapes under random writes', () => {
  it('invariant 5: snapshot ∪ later log equals the query, whatever was open when the snapshot was taken', async () => {
    const seed = Date.now() >>> 0;
    process.stderr.write(`seed ${seed}\n`);
    const random = seededRandom(seed);
    const database = await thingsDatabase();
    const writers = await randomWriters(database, random);
    // Transactions that the snapshot did not see are committed before the position that it ends at.
    const beforeBarrier = async () => {
      for (let i = 0; i < 6; i += 1) await writers.act();
      await server.readPath.caughtUp();
    };
    const server: ShapeServer = await startThings(database, { beforeBarrier });
    const readers: [StrictShapeReader, number][] = [];
    for (let round = 0; round < 25; round += 1) {
      const work: Promise<unknown>[] = [];
      for (let i = 0; i < 12; i += 1) work.push(writers.act());
      const condition = round % CONDITIONS.length;
      const fresh = reader(server, condition);
      work.push(fresh.step());
      for (const [each] of readers) if (random() < 0.4) work.push(each.step());
      readers.push([fresh, condition]);
      await Promise.all(work);
    }
    await writers.finish();
    await server.readPath.caughtUp();
    for (const [each] of readers) await each.catchUp();
    await expectTruth(database, readers);
    expect(readers.every(([each]) => each.refetches === 0)).toBe(true);
  });

  it('invariant 5: positions hold on a restarted and on another instance, though snapshots are made anew', async () => {
    const random = seededRandom(11);
    const database = await thingsDatabase();
    const first = await startThings(database);
    const second = await startThings(database);
    const writers = await randomWriters(database, random);
    const readers = CONDITIONS.map((_, condition) => [reader(first, condition), condition] as const);
    for (const [each] of readers) await each.step();
    for (let i = 0; i < 80; i += 1) await writers.act();
    // Half of them go over to the other instance, in the middle of what they read.
    await second.readPath.caughtUp();
    for (const [each, condition] of readers) if (condition % 2 === 0) each.url = second.url;
    for (const [each] of readers) await each.step();
    const { dir, slotName } = first.readPath;
    await first.stop();
    for (let i = 0; i < 80; i += 1) await writers.act();
    const again = await startThings(database, { dir, slotName });
    for (const [each, condition] of readers) each.url = condition % 3 === 0 ? second.url : again.url;
    for (let i = 0; i < 40; i += 1) await writers.act();
    await writers.finish();
    await Promise.all([again.readPath.caughtUp(), second.readPath.caughtUp()]);
    const late = CONDITIONS.map((_, condition) => [reader(again, condition), condition] as const);
    for (const [each] of [...readers, ...late]) await each.catchUp();
    await expectTruth(database, [...readers, ...late]);
    expect(readers.map(([each]) => each.refetches)).toEqual(readers.map(() => 0));
  });

  it('invariant 5: half a snapshot read before a crash is refused once, with another handle, and then right', async () => {
    const database = await thingsDatabase();
    // Three chunks of about ten MiB.
    await database.pool.query(
      `INSERT INTO things SELECT i, 'a', 1, repeat(md5(i::text), 30), true FROM generate_series(1000, 26000) i`,
    );
    const first = await startThings(database);
    const half = reader(first, 1);
    expect(await half.step()).toBe(false);
    expect(half.offset).toBe('0_0');
    const { dir, slotName } = first.readPath;
    await first.stop();
    await database.pool.query(`UPDATE things SET n = 5 WHERE id < 10`);
    const again = await startThings(database, { dir, slotName });
    half.url = again.url;
    await again.readPath.caughtUp();
    await half.catchUp();
    expect(half.refetches).toBe(1);
    await expectTruth(database, [[half, 1]]);
    await database.pool.query(`UPDATE things SET n = 6 WHERE id < 10`);
    await again.readPath.caughtUp();
    await half.catchUp();
    expect(half.refetches).toBe(1);
    await expectTruth(database, [[half, 1]]);
  });

  it('scenario O7: a lost slot begins the log anew; every reader is told once and is right again', async () => {
    const database = await thingsDatabase();
    const first = await startThings(database);
    const readers = CONDITIONS.map((_, condition) => [reader(first, condition), condition] as const);
    for (const [each] of readers) await each.catchUp();
    const { dir, slotName } = first.readPath;
    await first.stop();
    await database.pool.query('SELECT pg_drop_replication_slot($1)', [slotName]);
    await database.pool.query(`UPDATE things SET n = 5 - n, grp = 'a' WHERE id % 3 = 0`);
    const again = await startThings(database, { dir, slotName });
    await database.pool.query(`DELETE FROM things WHERE id % 5 = 0`);
    await again.readPath.caughtUp();
    for (const [each] of readers) each.url = again.url;
    for (const [each] of readers) await each.catchUp();
    await expectTruth(database, readers);
    expect(readers.map(([each]) => each.refetches)).toEqual(readers.map(() => 1));
  });

  it('scenario O5: a large transaction reaches a waiting reader whole, in several answers', async () => {
    const database = await thingsDatabase();
    const server = await startThings(database);
    const shape = reader(server, 0);
    await shape.catchUp();
    const waiting = shape.step(true);
    await eventually(() => server.engine.status().waiting === 1);
    await database.pool.query(
      `INSERT INTO things SELECT i, 'a', 1, repeat('x', 200), true FROM generate_series(1000, 41000) i`,
    );
    // The first answer ends within the transaction and is therefore not up to date.
    expect(await waiting).toBe(false);
    await shape.catchUp();
    expect(server.engine.status().tailBytes).toBeLessThan(2 * 1024 * 1024);
    await expectTruth(database, [[shape, 0]]);
  });

  it('scenario O4: moves in and out of the filter arrive as inserts of whole rows and as deletes', async () => {
    const database = await thingsDatabase();
    const server = await startThings(database);
    for (const condition of [2, 5]) {
      const shape = reader(server, condition);
      await shape.catchUp();
      for (let i = 0; i < 25; i += 1) {
        for (const change of [`grp = 'c'`, `grp = 'a'`, `n = 1, flag = false`, `n = 6, flag = true`]) {
          await database.pool.query(`UPDATE things SET ${change}, note = $1 WHERE id = 1`, [randomUUID()]);
          if (i % 5 === 0) await database.pool.query(`UPDATE things SET id = 1000 - id WHERE id IN (999, 1)`);
          await shape.step(false);
          if (i % 5 === 0) await database.pool.query(`UPDATE things SET id = 1000 - id WHERE id IN (999, 1)`);
        }
        await server.readPath.caughtUp();
        await shape.catchUp();
        await expectTruth(database, [[shape, condition]]);
      }
    }
  });
});
