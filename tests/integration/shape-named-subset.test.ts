import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { startShapeServer } from '../support/shape-server.ts';

it('invariant 8: a subset of a named shape narrows it, and reads none but its columns', async () => {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  const server = await startShapeServer(database);
  onTestFinished(() => server.stop());
  const mine = await insertIncident(database.pool, { region: '01', severity: 4 });
  await insertIncident(database.pool, { region: '01', severity: 1 });
  await insertIncident(database.pool, { region: '03', severity: 4 });
  await server.readPath.caughtUp();
  const ask = async (more: Record<string, string>) => {
    const query = new URLSearchParams({ region: '01', log: 'changes_only', offset: 'now', ...more });
    const answer = await fetch(`${server.url}/v1/shapes/incidents?${query.toString()}`);
    const body = (await answer.json()) as { data?: readonly { value: { id: string } }[] };
    return { answer, body, ids: body.data?.map(({ value }) => value.id) };
  };

  const first = await ask({ subset__where: 'severity > $1', subset__params: '{"1":"2"}' });
  expect(first.ids).toEqual([mine]);
  expect((await ask({ subset__where: `severity > 2 OR region = '03' OR true` })).ids).not.toBeUndefined();
  expect((await ask({ subset__where: 'true', subset__order_by: 'severity' })).ids).toHaveLength(2);
  expect((await ask({ subset__order_by: 'severity desc', subset__limit: '1' })).ids).toEqual([mine]);

  const hidden = await database.pool.query<{ name: string }>(
    `SELECT attname::text AS name FROM pg_attribute
      WHERE attrelid = 'incidents'::regclass AND attnum > 0 AND NOT attisdropped`,
  );
  const schema = JSON.parse(first.answer.headers.get('electric-schema')!) as Record<string, unknown>;
  for (const { name } of hidden.rows.filter((each) => !(each.name in schema))) {
    for (const asked of [{ subset__where: `${name} IS NULL` }, { subset__order_by: name }]) {
      const { answer, body } = await ask(asked);
      expect([answer.status, body]).toMatchObject([400, { errors: { subset: {} } }]);
    }
  }

  // The log goes on where the subset's reader began.
  await database.pool.query('UPDATE incidents SET severity = 5 WHERE id = $1', [mine]);
  await server.readPath.caughtUp();
  const [offset, handle] = ['electric-offset', 'electric-handle'].map((name) =>
    first.answer.headers.get(name)!,
  );
  const query = new URLSearchParams({ region: '01', log: 'changes_only', offset: offset!, handle: handle! });
  const log = await fetch(`${server.url}/v1/shapes/incidents?${query.toString()}`);
  expect(await log.json()).toMatchObject([{ value: { id: mine, severity: '5' } }, {}]);
});
