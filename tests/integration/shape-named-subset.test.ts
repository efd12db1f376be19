import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { askSubset } from '../support/subset-requests.ts';
import type { AskedSubset } from '../support/subset-requests.ts';
import { startShapeServer } from '../support/shape-server.ts';

/** As the catalogue's, but for columns that its readers are not to learn of. */
const incidents = CATALOG.get('incidents')!;
const HIDDEN = ['confidence', 'official'];
const NARROW = new Map([
  ['incidents', { ...incidents, columns: incidents.columns.filter(({ name }) => !HIDDEN.includes(name)) }],
]);

const METHODS = ['GET', 'POST'] as const;

async function start() {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  const server = await startShapeServer(database, { catalog: NARROW });
  onTestFinished(() => server.stop());
  return { pool: database.pool, server, url: `${server.url}/v1/shapes/incidents` };
}

it.each(METHODS)(
  'invariant 8: a subset of a named shape, by %s, narrows it, and reads none but its columns',
  async (method) => {
    const { pool, server, url } = await start();
    const mine = await insertIncident(pool, { region: '01', severity: 4 });
    await insertIncident(pool, { region: '01', severity: 1 });
    await insertIncident(pool, { region: '03', severity: 4 });
    await server.readPath.caughtUp();
    const ask = (subset: AskedSubset) => askSubset(method, url, { region: '01' }, subset);

    const first = await ask({ where: 'severity > $1', params: { '1': '2' } });
    expect(first.ids).toEqual([mine]);
    expect((await ask({ where: `severity > 2 OR region = '03' OR true` })).ids).toHaveLength(2);
    expect((await ask({ where: 'true', order_by: 'severity' })).ids).toHaveLength(2);
    expect((await ask({ order_by: 'severity desc', limit: 1 })).ids).toEqual([mine]);
    for (const name of HIDDEN) {
      for (const asked of [{ where: `${name} IS NULL` }, { order_by: name }]) {
        const { answer, body } = await ask(asked);
        expect([answer.status, body]).toMatchObject([400, { errors: { subset: {} } }]);
      }
    }

    // The log goes on where the subset's reader began.
    await pool.query('UPDATE incidents SET severity = 5 WHERE id = $1', [mine]);
    await server.readPath.caughtUp();
    const [offset, handle] = ['electric-offset', 'electric-handle'].map((name) =>
      first.answer.headers.get(name)!,
    );
    const query = new URLSearchParams({
      region: '01',
      log: 'changes_only',
      offset: offset!,
      handle: handle!,
    });
    const log = await fetch(`${url}?${query.toString()}`);
    expect(await log.json()).toMatchObject([{ value: { id: mine, severity: '5' } }, {}]);
  },
);

it('invariant 8: what a POST says is checked as what a GET says is, wherever it stands', async () => {
  const { pool, url } = await start();
  const mine = await insertIncident(pool, { region: '01' });
  const post = async (search: string, body: string, type = 'application/json') => {
    const answer = await fetch(`${url}${search}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    return { status: answer.status, body: (await answer.json()) as object };
  };
  const inBody = { region: '01', log: 'changes_only', offset: 'now', subset: { where: 'true' } };
  expect(await post('', JSON.stringify(inBody))).toMatchObject({
    status: 200,
    body: { data: [{ value: { id: mine } }] },
  });
  for (const name of ['table', 'where', 'columns', 'user_id']) {
    const refused = { status: 400, body: { code: 'unknown_parameter' } };
    expect(await post('', JSON.stringify({ ...inBody, [name]: 'x' }))).toMatchObject(refused);
    expect(await post(`?region=01&offset=now&${name}=x`, '{"where":"true"}')).toMatchObject(refused);
  }
  const narrow = `?region=01&offset=now`;
  expect(await post('', JSON.stringify({ ...inBody, region: `01' OR true` }))).toMatchObject({
    body: { code: 'invalid_parameter' },
  });
  expect(await post(narrow, '{}')).toEqual({
    status: 400,
    body: { message: 'Invalid request', errors: { subset: ["can't be blank"] } },
  });
  expect((await post(narrow, 'no JSON')).status).toBe(400);
  expect((await post(narrow, '[]')).status).toBe(400);
  expect((await post(narrow, '{"where":"true"}', 'text/plain')).status).toBe(415);
  expect((await post(narrow, '{"limit":-1,"order_by":"id"}')).body).toMatchObject({
    errors: { subset: { limit: ['must be greater than 0'] } },
  });
});

it('invariant 8: a subset does not fail on rows that are none of the shape, whatever the shape asks for first', async () => {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  // Postgres looks at what is cheap first.
  const where = 'region = $1 OR lower(region) = $1 OR upper(region) = $1';
  const catalog = new Map([['incidents', { ...incidents, where }]]);
  const server = await startShapeServer(database, { catalog });
  onTestFinished(() => server.stop());
  const mine = await insertIncident(database.pool, { region: '01', severity: 3 });
  await insertIncident(database.pool, { region: '03', severity: 4 });
  await server.readPath.caughtUp();
  const url = `${server.url}/v1/shapes/incidents`;
  const ask = (asked: string) => askSubset('GET', url, { region: '01' }, { where: asked });
  expect((await ask('1 / (severity - 4) < 0')).ids).toEqual([mine]);
  expect((await ask('1 / (severity - 3) < 0')).answer.status).toBe(400);
});
