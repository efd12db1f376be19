import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { expect, it, onTestFinished } from 'vitest';
import { movableClock } from '../support/auth.ts';
import type { MovableClock } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { requestShape, StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServer } from '../support/shape-server.ts';

const PATH = '/v1/shapes/pages';
const MINUTES = 60_000;

const PAGES: ShapeDefinition = {
  name: 'pages',
  table: 'pages',
  columns: [column('id', 'int4'), column('n', 'int4'), column('words', 'text')],
  key: ['id'],
  where: null,
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
};

/** A shape of three chunks of about ten MiB, and a clock that the sweep goes by. */
async function start(): Promise<{ database: TestDatabase; server: ShapeServer; clock: MovableClock }> {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE pages (id int PRIMARY KEY, n int NOT NULL, words text NOT NULL);
    ALTER TABLE pages REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE pages;
    INSERT INTO pages SELECT i, 0, repeat(md5(i::text), 30) FROM generate_series(1, 25000) i`);
  const clock = movableClock();
  const catalog = new Map([[PAGES.name, PAGES]]);
  const server = await startShapeServer(database, { catalog, clock, sweepEveryMs: 20 });
  onTestFinished(() => server.stop());
  return { database, server, clock };
}

async function expectTruth({ pool }: TestDatabase, shape: StrictShapeReader): Promise<void> {
  const { rows } = await pool.query<{ text: string }>(
    `SELECT id || ' ' || n || ' ' || md5(words) AS text FROM pages ORDER BY pages.id`,
  );
  const { rows: held } = await pool.query<{ text: string }>(
    `SELECT id || ' ' || n || ' ' || md5(words) AS text
       FROM jsonb_to_recordset($1) AS held (id int, n int, words text) ORDER BY held.id`,
    [JSON.stringify([...shape.rows.values()])],
  );
  expect(held).toEqual(rows);
}

it('invariant 5: a slow reader finishes his snapshot though others replaced it and the shape was swept', async () => {
  const { database, server, clock } = await start();
  const slow = new StrictShapeReader(server.url, PATH);
  expect(await slow.step()).toBe(false);
  const handle = slow.handle!;

  // Another reader was refused this handle, and has a new snapshot made.
  await database.pool.query('UPDATE pages SET n = 1 WHERE id % 100 = 0');
  const other = new StrictShapeReader(server.url, PATH, { expired_handle: handle });
  await other.catchUp();
  expect(other.handle).not.toBe(handle);

  // The present one is replaced for its age; then the shape lies unused for so long that it is dropped.
  clock.advance(4 * MINUTES);
  expect(await slow.step()).toBe(false);
  clock.advance(2 * MINUTES);
  const third = new StrictShapeReader(server.url, PATH);
  await third.catchUp();
  expect(new Set([handle, other.handle, third.handle]).size).toBe(3);
  expect(slow.offset).toBe('0_1');

  // Two devices on one handle get the same bytes.
  const [one, two] = await Promise.all(
    [1, 2].map(() => requestShape(server.url, PATH, { offset: '0_0', handle })),
  );
  expect(one!.status).toBe(200);
  expect(two!.messages).toEqual(one!.messages);

  await database.pool.query('DELETE FROM pages WHERE id % 1000 = 7');
  await server.readPath.caughtUp();
  await slow.catchUp();
  expect([slow.handle, slow.refetches]).toEqual([handle, 0]);
  await expectTruth(database, slow);
});

it('invariant 5: a body that is being sent keeps its shape and snapshot, and its end is their last use', async () => {
  const { database, server, clock } = await start();
  const slow = new StrictShapeReader(server.url, PATH);
  await slow.step();
  const handle = slow.handle!;
  const query = new URLSearchParams({ offset: slow.offset, handle }).toString();
  // Ten MiB do not fit into the buffers of a connection: the body stays open until it is read.
  const slowly = await fetch(`${server.url}${PATH}?${query}`);
  clock.advance(6 * MINUTES);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(server.engine.status().shapes).toBe(1);
  await slowly.text();
  await eventually(() => server.engine.status().shapes === 0);

  await slow.catchUp();
  expect([slow.handle, slow.refetches]).toEqual([handle, 0]);
  await database.pool.query('UPDATE pages SET n = 2 WHERE id < 10');
  await server.readPath.caughtUp();
  await slow.catchUp();
  expect(slow.refetches).toBe(0);
  await expectTruth(database, slow);
});

it('invariant 6: a replaced snapshot is deleted once nobody used it for a while', async () => {
  const { server, clock } = await start();
  const slow = new StrictShapeReader(server.url, PATH);
  await slow.step();
  const one = server.engine.status().snapshotBytes;
  const other = new StrictShapeReader(server.url, PATH, { expired_handle: slow.handle! });
  await other.catchUp();
  // A snapshot also names the transactions that ran meanwhile, so that two are not of the same length.
  expect(server.engine.status().snapshotBytes / one).toBeCloseTo(2, 4);
  clock.advance(6 * MINUTES);
  await eventually(() => server.engine.status().snapshotBytes === 0);
  expect(await slow.step()).toBe(false);
  expect(slow.refetches).toBe(1);
});
