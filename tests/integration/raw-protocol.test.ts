import { expect, it } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { rawAnswer } from '../support/raw-request.ts';
import { startRawUpstream, UPSTREAM_SECRET } from '../support/upstream.ts';

// What Electric's recorded answers say of the protocol's edges: `npm run conformance` compares them all, where they are.

const EXPOSED =
  'electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,electric-up-to-date,' +
  'electric-internal-known-error,retry-after';

async function start() {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE people (id int PRIMARY KEY, name text, age int, secret text,
                         older int GENERATED ALWAYS AS (age + 1) STORED);
    INSERT INTO people (id, name, age, secret) SELECT i, 'n' || i, 20 + i, 's' || i FROM generate_series(1, 4) i`);
  const server = await startRawUpstream(database);
  const ask = (query: Record<string, string>, init: RequestInit = {}) => {
    const search = new URLSearchParams({ table: 'people', secret: UPSTREAM_SECRET, ...query }).toString();
    return fetch(`${server.url}/v1/shape?${search}`, init);
  };
  const fault = async (query: Record<string, string>, init?: RequestInit) => {
    const answer = await ask(query, init);
    expect(answer.status, JSON.stringify(query)).toBe(400);
    return ((await answer.json()) as { errors: Record<string, unknown> }).errors;
  };
  return { server, ask, fault };
}

const PLAIN = 'id,name,age';

it('answers what is asked beside the rows as Electric does', async () => {
  const { server, ask, fault } = await start();
  for (const method of ['GET', 'HEAD']) {
    const health = await fetch(`${server.url}/v1/health`, { method });
    expect([health.status, await health.text()]).toEqual([
      200,
      method === 'GET' ? '{"status":"active"}' : '',
    ]);
    expect(health.headers.get('cache-control')).toBe('no-cache, no-store, must-revalidate');
    expect(health.headers.get('access-control-allow-methods')).toBe('GET, HEAD');
  }

  // A browser asks first, without the secret, whether it may ask.
  const origin = 'https://app.example';
  const before = await fetch(`${server.url}/v1/shape`, { method: 'OPTIONS', headers: { origin } });
  expect(before.status).toBe(204);
  expect(Object.fromEntries(before.headers)).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, HEAD, DELETE, OPTIONS',
    'access-control-expose-headers': EXPOSED,
    'access-control-max-age': '86400',
  });

  const whole = await ask({ offset: '-1', columns: PLAIN }, { headers: { origin } });
  expect(whole.headers.get('access-control-allow-origin')).toBe(origin);
  expect(await whole.text()).toContain('"snapshot-end"');
  const head = await ask({ offset: '-1', columns: PLAIN }, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  for (const name of ['handle', 'offset', 'schema', 'has-data'].map((each) => `electric-${each}`)) {
    expect(head.headers.get(name), name).toBe(whole.headers.get(name));
  }
  expect(head.headers.get('etag')).toBe(whole.headers.get('etag'));

  const foreign = await ask({ offset: '0_0', handle: 'none-of-ours', columns: PLAIN });
  expect(foreign.status).toBe(409);
  expect(await foreign.json()).toEqual([{ headers: { control: 'must-refetch' } }]);
  expect(foreign.headers.get('cache-control')).toBe('public, max-age=60, must-revalidate');
  expect(foreign.headers.get('electric-handle')).toMatch(/^[0-9a-z-]+$/);

  // The secret is not counted: up to here a line is taken, and no further.
  const line = (length: number) => {
    const left = `GET /v1/shape?table=people&offset=-1&columns=id,name,age&pad= HTTP/1.1`;
    const path = `/v1/shape?table=people&offset=-1&columns=id,name,age&pad=${'x'.repeat(length - left.length)}`;
    return rawAnswer(server.url, { target: `${path}&secret=${UPSTREAM_SECRET}` });
  };
  expect(await line(10_000)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await line(10_001)).toMatch(/^HTTP\/1\.1 414 /);
  const noText = `/v1/shape?table=people&where=%ff&secret=${UPSTREAM_SECRET}`;
  expect(await rawAnswer(server.url, { target: noText })).toMatch(/^HTTP\/1\.1 400 /);

  expect(await fault({ offset: '-1' })).toEqual({
    columns: [expect.stringContaining('columns are generated and cannot be included in the shape: older.')],
  });
  expect(await fault({ offset: '-1', columns: 'id,older' })).toHaveProperty('columns');
  const noTable = await fault({ offset: '-1', table: 'persons' });
  expect(noTable).toEqual({ table: [expect.stringContaining('"persons" does not exist.')] });
  expect(await fault({ offset: '-1', log: 'none', columns: PLAIN })).toEqual({ log: ['is invalid'] });
});

it('invariant 8: shows and asks nothing but the queryable columns, whoever chooses what is sent', async () => {
  const { ask, fault } = await start();
  const queryable = { queryable_columns: PLAIN, offset: '-1' };
  const rowsOf = async (query: Record<string, string>, init?: RequestInit) => {
    const answer = await ask(query, init);
    const body = (await answer.json()) as { value?: object }[] | { data: { value: object }[] };
    return [...(Array.isArray(body) ? body : body.data)].flatMap(({ value }) => value ?? []);
  };
  // What is sent where nothing is chosen, and what a choice may leave out of it.
  expect((await rowsOf(queryable))[0]).toEqual({ id: '1', name: 'n1', age: '21' });
  expect((await rowsOf({ ...queryable, columns: 'id,name' }))[0]).toEqual({ id: '1', name: 'n1' });
  expect(await fault({ ...queryable, columns: 'id,secret' })).toEqual({
    columns: ['The following columns are not among the queryable ones: secret'],
  });
  expect(await fault({ ...queryable, queryable_columns: 'id,' })).toHaveProperty('queryable_columns');
  // The shape's own condition is the server's, and may read them all.
  expect(await rowsOf({ ...queryable, where: `secret > 's3'` })).toEqual([
    { id: '4', name: 'n4', age: '24' },
  ]);

  const asked = { ...queryable, columns: 'id,name', log: 'changes_only', offset: 'now' };
  expect(await rowsOf({ ...asked, subset__where: 'age > 23' })).toEqual([{ id: '4', name: 'n4' }]);
  for (const subset of [{ where: `secret LIKE 's%'` }, { order_by: 'secret' }]) {
    const [[field, text]] = Object.entries(subset) as [[string, string]];
    const refused = { subset: { [field]: [expect.stringContaining('unknown reference secret')] } };
    expect(await fault({ ...asked, [`subset__${field}`]: text })).toEqual(refused);
    expect(await fault(asked, { method: 'POST', body: JSON.stringify({ subset }) })).toEqual(refused);
  }
});

it('marks the rows of a subset with the snapshot that they are of', async () => {
  const { ask } = await start();
  const subset = { columns: PLAIN, log: 'changes_only', offset: 'now', subset__where: 'id < 3' };
  const read = async () =>
    (await (await ask(subset)).json()) as {
      metadata: { snapshot_mark: number; xmin: string; xmax: string; xip_list: string[] };
      data: { headers: object }[];
    };
  const [first, second] = [await read(), await read()];
  for (const { metadata, data } of [first, second]) {
    expect([metadata.xmin, metadata.xmax].join()).toMatch(/^\d+,\d+$/);
    expect(metadata.xip_list.every((xid) => /^\d+$/.test(xid))).toBe(true);
    const { snapshot_mark } = metadata;
    expect(data.map(({ headers }) => headers)).toMatchObject([{ snapshot_mark }, { snapshot_mark }]);
  }
  expect(first.metadata.snapshot_mark).not.toBe(second.metadata.snapshot_mark);
});
