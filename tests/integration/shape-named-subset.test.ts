import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { startShapeServer } from '../support/shape-server.ts';

/** As the catalogue's, but for columns that its readers are not to learn of. */
const incidents = CATALOG.get('incidents')!;
const HIDDEN = ['confidence', 'official'];
const NARROW = new Map([
  ['incidents', { ...incidents, columns: incidents.columns.filter(({ name }) => !HIDDEN.includes(name)) }],
]);

it('invariant 8: a subset of a named shape narrows it, and reads none but its columns', async () => {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  const server = await startShapeServer(database, { catalog: NARROW });
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

  for (const name of HIDDEN) {
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
