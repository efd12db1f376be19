import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const URGENT: ShapeDefinition = {
  name: 'urgent',
  table: 'tasks',
  columns: [column('id', 'int4')],
  key: ['id'],
  where: "urgency > 'low'",
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
};

/** A reader who has the one task of the higher urgency. */
async function follow(shape: ShapeDefinition) {
  const database = await useTestDatabase();
  const { pool } = database;
  await pool.query(`
    CREATE TYPE urgency AS ENUM ('low', 'high');
    CREATE TABLE tasks (id int PRIMARY KEY, urgency urgency);
    ALTER TABLE tasks REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE tasks;
    INSERT INTO tasks VALUES (1, 'low'), (2, 'high'), (3, NULL)`);
  const server = await startShapeServer(database, { catalog: new Map([[shape.name, shape]]) });
  onTestFinished(() => server.stop());
  const reader = new StrictShapeReader(server.url, '/v1/shapes/urgent');
  await reader.catchUp();
  expect([...reader.rows.values()].map(({ id }) => id)).toEqual(['2']);
  return { pool, reader };
}

it('invariant 5: a label added to an enumeration takes its place in the order of a shape that is followed', async () => {
  const { pool, reader } = await follow(URGENT);

  await pool.query(`ALTER TYPE urgency ADD VALUE 'middle' BEFORE 'high'`);
  await pool.query(`ALTER TYPE urgency ADD VALUE 'none' BEFORE 'low'`);
  await pool.query(`INSERT INTO tasks VALUES (4, 'middle'), (5, 'none')`);
  while (!reader.rows.has('"public"."tasks"/"4"')) await reader.step();
  expect(reader.refetches).toBe(1);

  await pool.query(`UPDATE tasks SET urgency = 'none' WHERE id = 4`);
  await pool.query(`UPDATE tasks SET urgency = 'middle' WHERE id = 5`);
  while (!reader.rows.has('"public"."tasks"/"5"')) await reader.step();
  expect([...reader.rows.values()].map(({ id }) => id).sort()).toEqual(['2', '5']);
  expect(reader.refetches).toBe(1);
});

it('invariant 5: a label that gets another name ends the shapes that are found by the old one', async () => {
  const { pool, reader } = await follow({ ...URGENT, where: "urgency = 'high'" });

  await pool.query(`ALTER TYPE urgency RENAME VALUE 'high' TO 'top'`);
  await pool.query(`ALTER TYPE urgency RENAME VALUE 'low' TO 'high'`);
  await pool.query(`DELETE FROM tasks WHERE id = 2`);
  while (!reader.rows.has('"public"."tasks"/"1"')) await reader.step();
  expect([...reader.rows.values()].map(({ id }) => id)).toEqual(['1']);
  expect(reader.refetches).toBe(1);
});
