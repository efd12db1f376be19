import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServerOptions } from '../support/shape-server.ts';

/** Many answers' worth: an answer of the log ends at ten MiB. */
const ROWS = 60_000;

const shapeOf = (table: string): ShapeDefinition => ({
  name: table,
  table,
  columns: [column('id', 'int4'), column('n', 'int4'), column('words', 'text')],
  key: ['id'],
  where: null,
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
});
const catalog = new Map([shapeOf('many'), shapeOf('few')].map((shape) => [shape.name, shape]));

async function start(database: TestDatabase, options: ShapeServerOptions = {}) {
  const server = await startShapeServer(database, { catalog, ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function tables(): Promise<TestDatabase> {
  const database = await useTestDatabase();
  for (const table of ['many', 'few']) {
    await database.pool.query(`
      CREATE TABLE ${table} (id int PRIMARY KEY, n int NOT NULL, words text NOT NULL);
      ALTER TABLE ${table} REPLICA IDENTITY FULL;
      ALTER PUBLICATION halo ADD TABLE ${table}`);
  }
  await database.pool.query(
    `INSERT INTO many SELECT i, 0, repeat(md5(i::text), 16) FROM generate_series(1, ${ROWS}) i`,
  );
  return database;
}

/** What the follower shows: it is looked at whenever it is up to date, and never in between. */
const countsOf = ({ rows }: StrictShapeReader) => {
  const counts: Record<string, number> = {};
  for (const { n } of rows.values()) counts[n!] = (counts[n!] ?? 0) + 1;
  return counts;
};

it('invariant 6 (O5): a follower has all of a large transaction or none of it, and other shapes go on meanwhile', async () => {
  const database = await tables();
  let server = await start(database);
  const follower = new StrictShapeReader(server.url, '/v1/shapes/many', { replica: 'full' });
  const other = new StrictShapeReader(server.url, '/v1/shapes/few');
  for (const reader of [follower, other]) await reader.catchUp();
  expect(countsOf(follower)).toEqual({ 0: ROWS });

  // (b) A large update: the first answer ends within it, and is not up to date.
  await database.pool.query('UPDATE many SET n = 1');
  await server.readPath.caughtUp();
  expect(await follower.step(true)).toBe(false);
  let parts = 1;
  for (; ; parts += 1) {
    // While the follower stands within the transaction, another shape's readers have their news at once.
    const waiting = other.step(true);
    await eventually(() => server.engine.status().waiting === 1);
    await database.pool.query(`INSERT INTO few VALUES (${parts}, 0, 'x')`);
    expect(await waiting).toBe(true);
    expect(other.rows.size).toBe(parts);
    if (parts === 2) {
      // A restart in the middle of it changes nothing.
      const { dir, slotName } = server.readPath;
      await server.stop();
      server = await start(database, { dir, slotName });
      for (const reader of [follower, other]) reader.url = server.url;
    }
    if (await follower.step()) break;
  }
  expect(parts).toBeGreaterThan(2);
  expect(countsOf(follower)).toEqual({ 1: ROWS });

  // (a) All rows deleted in one transaction, followed as it is committed.
  const seen: number[] = [];
  let isDone = false;
  const following = (async () => {
    while (!isDone || seen.at(-1) !== 0) if (await follower.step(true)) seen.push(follower.rows.size);
  })();
  await database.pool.query('DELETE FROM many');
  await server.readPath.caughtUp();
  isDone = true;
  await following;
  expect(
    seen.every((size) => size === ROWS || size === 0),
    seen.join(' '),
  ).toBe(true);
  expect([follower.refetches, other.refetches]).toEqual([0, 0]);
  // It was never held whole in memory: answers come from the log, in parts.
  expect(server.engine.status().tailBytes).toBeLessThan(2 * 1024 * 1024);
});
