import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { requestShape, StrictShapeReader } from '../support/shape-client.ts';

const SECRET = 'a secret of the tests';
const env = { HALO_SHAPE_SECRET: SECRET, LOG_LEVEL: 'info' };
const DOCS = { table: 'docs', where: 'owner IN (SELECT id FROM owners WHERE active)', secret: SECRET };

async function start() {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE owners (id int PRIMARY KEY, active bool, spare int);
    CREATE TABLE docs (id int PRIMARY KEY, owner int);
    INSERT INTO owners VALUES (1, true, 0), (2, false, 0);
    INSERT INTO docs VALUES (1, 1), (2, 2), (3, NULL)`);
  const server = await startServerProcess(database.url, { env });
  onTestFinished(() => stopServerProcess(server));
  const docs = new StrictShapeReader(server.url, '/v1/shape', DOCS);
  await docs.catchUp();
  return { database, server, docs };
}

async function expectRows(docs: StrictShapeReader, ids: readonly number[], refetches: number) {
  await eventually(async () => {
    await docs.catchUp();
    expect([...docs.rows.values()].map(({ id }) => Number(id)).toSorted()).toEqual(ids);
  });
  expect(docs.refetches).toBe(refetches);
}

it('costs one refetch where a table of a subquery is truncated or altered, and none where it only grows', async () => {
  const { database, server, docs } = await start();
  const { pool } = database;
  await pool.query('ALTER TABLE owners ADD COLUMN more text');
  await pool.query('UPDATE owners SET active = true, more = $1 WHERE id = 2', ['x']);
  await expectRows(docs, [1, 2], 0);
  await pool.query('ALTER TABLE owners DROP COLUMN spare');
  await pool.query('UPDATE owners SET active = false WHERE id = 1');
  await expectRows(docs, [2], 0);
  await pool.query('ALTER TABLE owners ALTER COLUMN id TYPE bigint');
  await pool.query('UPDATE owners SET active = true WHERE id = 1');
  await expectRows(docs, [1, 2], 1);
  await pool.query('TRUNCATE owners');
  await expectRows(docs, [], 2);
  await pool.query('INSERT INTO owners VALUES (2, true)');
  await expectRows(docs, [2], 2);
  expect(server.process.output()).toContain('a table was truncated, or altered');
});

it('costs one refetch where the server is started again', async () => {
  const { database, server, docs } = await start();
  await database.pool.query('UPDATE owners SET active = true WHERE id = 2');
  await expectRows(docs, [1, 2], 0);
  await server.process.kill('SIGKILL');
  await database.pool.query('UPDATE owners SET active = false WHERE id = 1');
  const second: TestServer = await startServerProcess(database.url, { dataDir: server.dataDir, env });
  onTestFinished(() => stopServerProcess(second));
  docs.url = second.url;
  await expectRows(docs, [2], 1);
  await database.pool.query('DELETE FROM owners');
  await expectRows(docs, [], 1);
});

it('begins anew where more moves at once than is looked at, and says so', async () => {
  const { database, server, docs } = await start();
  await database.pool.query('INSERT INTO docs SELECT i, 2 FROM generate_series(10, 100100) i');
  await expectRows(docs, [1], 0);
  await database.pool.query('UPDATE owners SET active = true WHERE id = 2');
  await eventually(
    async () => {
      await docs.catchUp();
      expect(docs.rows.size).toBe(100_093);
    },
    { withinMs: 120_000 },
  );
  expect(docs.refetches).toBe(1);
  await server.process.waitFor(/more rows came or went at once than are looked at/);
  await fillOwners(database);
  const refused = await requestShape(server.url, '/v1/shape', { ...DOCS, offset: '-1', log: 'changes_only' });
  expect(refused.status).toBe(400);
  await server.process.waitFor(/the subqueries give more values than are kept/);
});

function fillOwners({ pool }: TestDatabase) {
  return pool.query('INSERT INTO owners SELECT i, true, 0 FROM generate_series(10, 200010) i');
}

it('sends changes only, moves among them, to who asks for these, and refuses subsets', async () => {
  const { database, server } = await start();
  const ask = (more: Record<string, string>) => requestShape(server.url, '/v1/shape', { ...DOCS, ...more });
  const first = await ask({ offset: '-1', log: 'changes_only' });
  expect(first.messages).toMatchObject([{ headers: { control: 'snapshot-end' } }]);
  await database.pool.query('UPDATE owners SET active = NOT active');
  await eventually(async () => {
    const news = await ask({
      log: 'changes_only',
      handle: first.headers.get('electric-handle')!,
      offset: first.headers.get('electric-offset')!,
    });
    expect(news.messages).toMatchObject([
      { headers: { event: 'move-in' } },
      { value: { id: '2', owner: '2' }, headers: { operation: 'insert', is_move_in: true } },
      { value: { id: '1' }, headers: { operation: 'delete' } },
      { headers: { event: 'move-out' } },
      { headers: { control: 'snapshot-end' } },
      { headers: { control: 'up-to-date' } },
    ]);
  });
  const subset = await ask({ offset: '-1', subset__where: 'id = 1' });
  expect(subset.status).toBe(400);
  const nested = await requestShape(server.url, '/v1/shape', {
    table: 'docs',
    secret: SECRET,
    offset: '-1',
    subset__where: DOCS.where,
  });
  expect(nested.status).toBe(400);
});
