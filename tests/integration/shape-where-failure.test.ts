import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const SECRET = 'a secret of the tests';

/** A condition that has no answer on the row with n = 0. */
const TENTHS: ShapeDefinition = {
  name: 'tenths',
  table: 'parts',
  columns: [column('id', 'int4'), column('n', 'int4')],
  key: ['id'],
  where: '10 / n > 1',
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
};

async function database() {
  const made = await useTestDatabase();
  await made.pool.query(`
    CREATE TABLE parts (id int PRIMARY KEY, n int);
    ALTER TABLE parts REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE parts;
    INSERT INTO parts VALUES (1, 2), (2, 0), (3, 20)`);
  return made;
}

it('a condition that fails on a row is its asker’s fault, named by its SQLSTATE, and nothing is left of it', async () => {
  const made = await database();
  const catalog = new Map([[TENTHS.name, TENTHS]]);
  const server = await startShapeServer(made, { catalog });
  onTestFinished(() => server.stop());
  const ask = () => fetch(`${server.url}/v1/shapes/tenths?offset=-1`);

  // More often than snapshots may be made at once: a slot that is not given back would leave the last ones waiting.
  for (let i = 0; i < 10; i += 1) {
    const refused = await ask();
    expect(refused.status).toBe(400);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(await refused.json()).toMatchObject({ code: 'where_failed', field: 'where', sqlState: '22012' });
  }
  expect(server.engine.status()).toMatchObject({ shapes: 1, snapshotBytes: 0, answerBytes: 0 });

  await made.pool.query('UPDATE parts SET n = 5 WHERE id = 2');
  const reader = new StrictShapeReader(server.url, '/v1/shapes/tenths');
  await reader.catchUp();
  expect([...reader.rows.values()]).toEqual([
    { id: '1', n: '2' },
    { id: '2', n: '5' },
  ]);

  // A row of a live shape that becomes such a row leaves it; who has the shape goes on.
  await made.pool.query('UPDATE parts SET n = 0 WHERE id = 1');
  await made.pool.query('UPDATE parts SET n = 1 WHERE id = 3');
  while (!reader.rows.has('"public"."parts"/"3"')) await reader.step();
  expect([...reader.rows.values()].map(({ id }) => id)).toEqual(['2', '3']);
  expect((await ask()).status).toBe(200);
});

it('the raw endpoint says so in Electric’s form, for a shape and for a subset', async () => {
  const { url } = await database();
  const server = await startServerProcess(url, { env: { HALO_SHAPE_SECRET: SECRET } });
  onTestFinished(() => stopServerProcess(server));
  const ask = (query: Record<string, string>) =>
    fetch(
      `${server.url}/v1/shape?${new URLSearchParams({ table: 'parts', secret: SECRET, offset: '-1', ...query }).toString()}`,
    );
  const message = 'Postgres cannot evaluate the condition on a row: division_by_zero (22012)';

  const shape = await ask({ where: '10 / n > 1' });
  expect(shape.status).toBe(400);
  expect(await shape.json()).toEqual({ message: 'Invalid request', errors: { where: [message] } });

  const subset = await ask({ log: 'changes_only', subset__where: 'n + 2147483647 > 1' });
  expect(subset.status).toBe(400);
  expect(await subset.json()).toMatchObject({
    errors: { subset: { where: [expect.stringContaining('numeric_value_out_of_range (22003)')] } },
  });

  // A condition of blanks is none.
  const all = await ask({ where: ' \n' });
  expect(all.status).toBe(200);
  expect(await all.text()).toContain('"id":"2"');
});
