import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { expect, it, onTestFinished } from 'vitest';
import type { Pool } from '../../server/db/pool.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { requestShape, StrictShapeReader } from '../support/shape-client.ts';
import type { ShapeServerOptions } from '../support/shape-server.ts';
import { startShapeServer } from '../support/shape-server.ts';
import { TagReader } from '../support/tag-reader.ts';

const PATH = '/v1/shapes/docs';

async function start(
  where: string,
  sql: string,
  beforeBarrier?: (pool: Pool) => Promise<unknown>,
  more: ShapeServerOptions = {},
) {
  const database = await useTestDatabase();
  await database.pool.query(`
    ${sql};
    CREATE TABLE docs (id int PRIMARY KEY, owner int, body text);
    ALTER TABLE docs REPLICA IDENTITY FULL;
    ALTER TABLE owners REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE docs, owners`);
  const docs: ShapeDefinition = {
    name: 'docs',
    table: 'docs',
    columns: [column('id', 'int4'), column('owner', 'int4'), column('body', 'text')],
    key: ['id'],
    where,
    values: [],
    params: {},
    readers: ROLES,
    personal: false,
  };
  const { pool } = database;
  const caughtUp = (): Promise<void> => server.readPath.caughtUp();
  const server = await startShapeServer(database, {
    catalog: new Map([[docs.name, docs]]),
    ...(beforeBarrier === undefined ? {} : { beforeBarrier: () => beforeBarrier(pool).then(caughtUp) }),
    ...more,
  });
  onTestFinished(() => server.stop());
  return { pool, server, reader: new StrictShapeReader(server.url, PATH) };
}

function tagsOf(reader: StrictShapeReader): TagReader {
  const tags = new TagReader();
  reader.onMessage = (message) => tags.take(message);
  return tags;
}

const idsOf = (reader: StrictShapeReader) => [...reader.rows.values()].map(({ id }) => Number(id)).toSorted();

it('a subquery that fails on a row is its asker’s fault, as with any condition', async () => {
  const { pool, server, reader } = await start(
    'owner IN (SELECT id FROM owners WHERE 10 / n > 1)',
    'CREATE TABLE owners (id int PRIMARY KEY, n int); INSERT INTO owners VALUES (1, 2), (2, 0)',
  );
  const refused = await fetch(`${server.url}${PATH}?offset=-1`);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ code: 'where_failed', field: 'where', sqlState: '22012' });
  await pool.query('INSERT INTO docs VALUES (1, 1), (2, 2); UPDATE owners SET n = 20 WHERE id = 2');
  await reader.catchUp();
  expect(idsOf(reader)).toEqual([1]);
});

it('invariant 5: a label added to an enumeration of a subquery costs one refetch, and is known from then on', async () => {
  const { pool, reader } = await start(
    "owner IN (SELECT id FROM owners WHERE urgency > 'low')",
    `CREATE TYPE urgency AS ENUM ('low', 'high'); CREATE TABLE owners (id int PRIMARY KEY, urgency urgency)`,
  );
  await pool.query(
    `INSERT INTO owners VALUES (1, 'low'), (2, 'high'); INSERT INTO docs SELECT i, i FROM generate_series(1, 4) i`,
  );
  await reader.catchUp();
  expect(idsOf(reader)).toEqual([2]);
  await pool.query(`ALTER TYPE urgency ADD VALUE 'middle' BEFORE 'high'`);
  for (const [id, ids] of [
    [3, [2, 3]],
    [4, [2, 3, 4]],
    [1, [1, 2, 3, 4]],
  ] as const) {
    await pool.query(
      `INSERT INTO owners VALUES ($1, 'middle') ON CONFLICT (id) DO UPDATE SET urgency = 'middle'`,
      [id],
    );
    await eventually(async () => {
      await reader.catchUp();
      expect(idsOf(reader)).toEqual(ids);
    });
    expect(reader.refetches).toBe(1);
  }
});

it('invariant 5: a row that stays by one reason hears that another has turned for every row', async () => {
  const { pool, server, reader } = await start(
    `owner NOT IN (SELECT id FROM owners) OR (body <> 'a' AND id NOT IN (SELECT id FROM teams))`,
    `CREATE TABLE owners (id int PRIMARY KEY); INSERT INTO owners VALUES (9); CREATE TABLE teams (id int PRIMARY KEY);
     ALTER TABLE teams REPLICA IDENTITY FULL; ALTER PUBLICATION halo ADD TABLE teams; INSERT INTO teams VALUES (1), (2)`,
  );
  await pool.query(`INSERT INTO docs VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 9, 'b')`);
  const tags = tagsOf(reader);
  await reader.catchUp();
  for (const statement of ['DELETE FROM teams', 'INSERT INTO teams VALUES (1)']) {
    await pool.query(statement);
    const late = new StrictShapeReader(server.url, PATH, { expired_handle: reader.handle! });
    const lateTags = tagsOf(late);
    await eventually(async () => {
      await Promise.all([reader.catchUp(), late.catchUp()]);
      expect(idsOf(reader)).toEqual([1, 2, 3]);
      expect(Object.fromEntries(tags.reasons)).toEqual(Object.fromEntries(lateTags.reasons));
    });
    expect([tags.faults, reader.refetches]).toEqual([[], 0]);
  }
});

it('leaves no connection behind when it is given up in the middle of the rows that moved', async () => {
  const { pool, reader } = await start(
    'owner IN (SELECT id FROM owners WHERE active)',
    'CREATE TABLE owners (id int PRIMARY KEY, active bool); INSERT INTO owners VALUES (1, false)',
  );
  await pool.query(`INSERT INTO docs SELECT i, 1, repeat('x', 1000000) FROM generate_series(1, 90) i`);
  await reader.catchUp();
  await pool.query('UPDATE owners SET active = true');
  await reader.step(true);
  expect(reader.refetches).toBe(1);
  await eventually(async () => {
    const { rows } = await pool.query(
      `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%' AND state = 'active'`,
    );
    expect(rows).toEqual([]);
  });
});

it('leaves no file behind when its subqueries come to give too much while its snapshot is made', async () => {
  const { pool, server, reader } = await start(
    'owner IN (SELECT id FROM owners)',
    'CREATE TABLE owners (id int PRIMARY KEY)',
    (database) => database.query('INSERT INTO owners SELECT i FROM generate_series(199951, 200050) i'),
  );
  await pool.query(`INSERT INTO owners SELECT i FROM generate_series(1, 199950) i;
    INSERT INTO docs SELECT i, i, repeat('x', 1000) FROM generate_series(1, 1000) i`);
  await expect(reader.step()).rejects.toMatchObject({ status: 400 });
  expect(readdirSync(join(server.cacheDir, 'snapshots'))).toEqual([]);
});

it('invariant 6: a reader who is ahead of what was followed does not hold up a server that stops', async () => {
  let isHeld = false;
  const { pool, server, reader } = await start(
    'owner IN (SELECT id FROM owners)',
    'CREATE TABLE owners (id int PRIMARY KEY)',
    undefined,
    {
      readLog: async function* (log, after) {
        if (isHeld) await sleep(200);
        yield* log.read(after);
      },
    },
  );
  await reader.catchUp();
  const ahead = requestShape(server.url, PATH, {
    offset: `${2n ** 60n}_0`,
    handle: reader.handle!,
    live: 'true',
  });
  await sleep(200);
  isHeld = true;
  await pool.query('INSERT INTO docs VALUES (1, 1)');
  await server.readPath.caughtUp();
  await server.engine.close();
  // Had it not been let go, nothing else had had its turn until its own time was over.
  expect((await ahead).status).toBe(503);
});

it('invariant 5: a label that is added while a snapshot is made has it made again', async () => {
  const { reader } = await start(
    "owner IN (SELECT id FROM owners WHERE urgency > 'low')",
    `CREATE TYPE urgency AS ENUM ('low', 'high'); CREATE TABLE owners (id int PRIMARY KEY, urgency urgency)`,
    async (pool) => {
      await pool.query(`ALTER TYPE urgency ADD VALUE IF NOT EXISTS 'middle' BEFORE 'high'`);
      await pool.query(`INSERT INTO owners VALUES (1, 'middle') ON CONFLICT DO NOTHING`);
      await pool.query('INSERT INTO docs VALUES (1, 1) ON CONFLICT DO NOTHING');
    },
  );
  await reader.catchUp();
  expect([idsOf(reader), reader.refetches]).toEqual([[1], 0]);
});
