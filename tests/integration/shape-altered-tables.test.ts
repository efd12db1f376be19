import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import { createRouter } from '../../server/platform/router.ts';
import { systemClock } from '../../server/platform/clock.ts';
import type { Clock } from '../../server/platform/clock.ts';
import { rawShapeRoutes } from '../../server/raw-shapes/raw-routes.ts';
import type { CallerEnv } from '../../server/auth/identity.ts';
import { movableClock } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const secret = 'a secret of the tests';

/** The raw endpoint over a read path of its own. */
async function serveRaw(database: TestDatabase, clock: Clock = systemClock) {
  const { engine, readPath, stop } = await startShapeServer(database, { clock });
  const app = createRouter<CallerEnv>();
  const { pool } = database;
  const options = { engine, pool, publication: 'halo', secret, clock, random: Math.random };
  app.route('/', rawShapeRoutes(options));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(async () => {
    await stop();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const follow = async (query: Record<string, string>) => {
    const reader = new StrictShapeReader(url, '/v1/shape', { secret, ...query });
    await reader.catchUp();
    return reader;
  };
  return { follow, caughtUp: () => readPath.caughtUp() };
}

const values = (reader: StrictShapeReader) =>
  [...reader.rows.values()].toSorted((a, b) => Number(a['id']) - Number(b['id']));

describe('tables that are altered while they are followed', () => {
  it('invariant 5: a column that is added rotates the shapes of all columns, once, and no other', async () => {
    const database = await useTestDatabase();
    await database.pool.query(
      `CREATE TABLE things (id int PRIMARY KEY, v text); INSERT INTO things VALUES (1, 'a')`,
    );
    const { follow, caughtUp } = await serveRaw(database);
    const all = await follow({ table: 'things' });
    const some = await follow({ table: 'things', columns: 'id,v' });
    await database.pool.query(`ALTER TABLE things ADD w int DEFAULT 7`);
    await database.pool.query(`INSERT INTO things VALUES (2, 'b', 8)`);
    await caughtUp();
    for (const reader of [all, some]) await reader.catchUp();
    expect(values(all)).toEqual([
      { id: '1', v: 'a', w: '7' },
      { id: '2', v: 'b', w: '8' },
    ]);
    expect(values(some)).toEqual([
      { id: '1', v: 'a' },
      { id: '2', v: 'b' },
    ]);
    expect([all.refetches, some.refetches]).toEqual([1, 0]);
  });

  it('invariant 5: names that two tables exchange are followed as names', async () => {
    const database = await useTestDatabase();
    await database.pool.query(`
      CREATE TABLE a (id int PRIMARY KEY, v text); INSERT INTO a VALUES (1, 'of a');
      CREATE TABLE b (id int PRIMARY KEY, v text); INSERT INTO b VALUES (1, 'of b')`);
    const { follow, caughtUp } = await serveRaw(database);
    const [a, b] = [await follow({ table: 'a' }), await follow({ table: 'b' })];
    await database.pool.query(
      `ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME TO b`,
    );
    await database.pool.query(`INSERT INTO a VALUES (2, 'late'); INSERT INTO b VALUES (3, 'late')`);
    await caughtUp();
    for (const reader of [a, b]) await reader.catchUp();
    expect(values(a)).toEqual([
      { id: '1', v: 'of b' },
      { id: '2', v: 'late' },
    ]);
    expect(values(b)).toEqual([
      { id: '1', v: 'of a' },
      { id: '3', v: 'late' },
    ]);
    expect([a.refetches, b.refetches]).toEqual([1, 1]);
  });

  it('invariant 5: another key, and a column made again or renamed, rotate the shapes concerned once', async () => {
    const database = await useTestDatabase();
    const { pool } = database;
    await pool.query(`
      CREATE TABLE keyed (id int PRIMARY KEY, other int NOT NULL, v text); INSERT INTO keyed VALUES (1, 10, 'a');
      CREATE TABLE again (id int PRIMARY KEY, v text, w text); INSERT INTO again VALUES (1, 'old', 'x');
      CREATE TABLE renamed (id int PRIMARY KEY, v text); INSERT INTO renamed VALUES (1, 'a');
      CREATE TABLE calm (id int PRIMARY KEY, v text); INSERT INTO calm VALUES (1, 'a')`);
    const { follow, caughtUp } = await serveRaw(database);
    const tables = [
      { table: 'keyed' },
      { table: 'again', columns: 'id,v' },
      { table: 'again', columns: 'id,w' },
      { table: 'renamed' },
      { table: 'calm' },
    ];
    const readers = await Promise.all(tables.map(follow));
    const [keyed, again, beside, renamed] = readers as [
      StrictShapeReader,
      StrictShapeReader,
      StrictShapeReader,
      StrictShapeReader,
    ];
    // All have a place in the log, which has described their tables.
    await pool.query(`
      INSERT INTO keyed VALUES (2, 20, 'b'); INSERT INTO again VALUES (2, 'old', 'x');
      INSERT INTO renamed VALUES (2, 'b'); INSERT INTO calm VALUES (2, 'b')`);
    const catchUp = async (which: readonly StrictShapeReader[]) => {
      await caughtUp();
      for (const reader of which) await reader.catchUp();
    };
    await catchUp(readers);
    await pool.query(`ALTER TABLE keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY (other)`);
    await pool.query(`ALTER TABLE again DROP COLUMN v, ADD COLUMN v text`);
    await pool.query(`ALTER TABLE renamed RENAME v TO u`);
    // A second row of one id, which the former key would have taken for the first.
    await pool.query(`
      INSERT INTO keyed VALUES (1, 11, 'c'); UPDATE again SET w = 'y' WHERE id = 1;
      INSERT INTO renamed VALUES (3, 'c'); INSERT INTO calm VALUES (3, 'c')`);
    await catchUp(readers);
    expect(values(keyed).map(({ id, other, v }) => `${id} ${other} ${v}`)).toEqual(
      expect.arrayContaining(['1 10 a', '2 20 b', '1 11 c']),
    );
    expect(values(again)).toEqual([
      { id: '1', v: null },
      { id: '2', v: null },
    ]);
    expect(values(beside)).toEqual([
      { id: '1', w: 'y' },
      { id: '2', w: 'x' },
    ]);
    expect(values(renamed)).toEqual([1, 2, 3].map((id) => ({ id: String(id), u: 'abc'[id - 1] })));
    await pool.query(`
      INSERT INTO keyed VALUES (1, 12, 'd'); INSERT INTO again VALUES (3, 'x', 'new'); INSERT INTO calm VALUES (4, 'd')`);
    await catchUp(readers);
    expect(readers.map(({ rows }) => rows.size)).toEqual([4, 3, 3, 3, 4]);
    expect(readers.map(({ refetches }) => refetches)).toEqual([1, 1, 0, 1, 0]);
  });

  it('invariant 5: who follows a table that is made anew, of which the log says nothing, is told once', async () => {
    const database = await useTestDatabase();
    const { pool } = database;
    const tables = ['things', 'calm'];
    for (const table of tables)
      await pool.query(
        `CREATE TABLE ${table} (id int PRIMARY KEY, v text); INSERT INTO ${table} VALUES (1, 'old')`,
      );
    const clock = movableClock();
    const { follow, caughtUp } = await serveRaw(database, clock);
    const [things, calm] = [await follow({ table: 'things' }), await follow({ table: 'calm' })];
    const write = async (id: number) => {
      for (const table of tables) await pool.query(`INSERT INTO ${table} VALUES (${id}, 'x')`);
      await caughtUp();
      for (const reader of [things, calm]) await reader.catchUp();
    };
    await write(2);
    await pool.query(`DROP TABLE things; CREATE TABLE things (id int PRIMARY KEY, v text)`);
    await pool.query(`INSERT INTO things VALUES (7, 'new')`);
    await caughtUp();
    clock.advance(61_000);
    await eventually(async () => {
      for (const reader of [things, calm]) await reader.catchUp();
      expect(values(things)).toEqual([{ id: '7', v: 'new' }]);
    });
    await write(8);
    expect([things.rows.size, calm.rows.size]).toEqual([2, 3]);

    // And one that is altered so that its changes do not tell their old rows is made to tell them again.
    await pool.query(`ALTER TABLE calm REPLICA IDENTITY DEFAULT`);
    await pool.query(`UPDATE calm SET v = 'altered'`);
    await write(9);
    expect(values(calm)).toEqual(
      [1, 2, 8].map((id) => ({ id: String(id), v: 'altered' })).concat({ id: '9', v: 'x' }),
    );
    expect([things.refetches, calm.refetches]).toEqual([1, 1]);
  });

  it('invariant 5: a table that is dropped and made again gives the new rows to whoever begins', async () => {
    const database = await useTestDatabase();
    await database.pool.query(
      `CREATE TABLE things (id int PRIMARY KEY, v text); INSERT INTO things VALUES (1, 'old')`,
    );
    const { follow } = await serveRaw(database);
    expect(values(await follow({ table: 'things' }))).toEqual([{ id: '1', v: 'old' }]);
    await database.pool.query(`DROP TABLE things; CREATE TABLE things (id int PRIMARY KEY, other text)`);
    await database.pool.query(`INSERT INTO things VALUES (7, 'new')`);
    expect(values(await follow({ table: 'things' }))).toEqual([{ id: '7', other: 'new' }]);
  });

  it('invariant 5: rows of partitions are those of their table, those of heirs are not, and old rows are never guessed', async () => {
    const database = await useTestDatabase();
    await database.pool.query(`
      CREATE TABLE parted (id int, k int, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
      CREATE TABLE parent (id int PRIMARY KEY, v text);
      CREATE TABLE heir () INHERITS (parent);
      INSERT INTO parted VALUES (1, 1, 'a'); INSERT INTO parent VALUES (1, 'p'); INSERT INTO heir VALUES (2, 'h')`);
    const { follow, caughtUp } = await serveRaw(database);
    const parted = await follow({ table: 'parted', where: `v <> 'out'` });
    const parent = await follow({ table: 'parent' });
    await database.pool.query(`
      CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
      INSERT INTO parted VALUES (2, 2, 'b'); INSERT INTO heir VALUES (3, 'h');
      UPDATE parted SET k = 2 WHERE id = 1`);
    await database.pool.query(`UPDATE parted SET v = 'out' WHERE id = 2`);
    await caughtUp();
    for (const reader of [parted, parent]) await reader.catchUp();
    expect(values(parted)).toEqual([{ id: '1', k: '2', v: 'a' }]);
    expect(values(parent)).toEqual([{ id: '1', v: 'p' }]);
    // The new partition did not tell its old row; it does since the reader began anew.
    expect(parted.refetches).toBe(1);
    await database.pool.query(`UPDATE parted SET v = 'out' WHERE id = 1`);
    await caughtUp();
    await parted.catchUp();
    expect(values(parted)).toEqual([]);
    expect(parted.refetches).toBe(1);
  });
});
