import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { isChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { expect, it } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { followWithElectric } from '../support/electric-follower.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { requestShape, StrictShapeReader } from '../support/shape-client.ts';
import { askSubset } from '../support/subset-requests.ts';
import type { AskedSubset } from '../support/subset-requests.ts';
import type { FrontOptions } from '../support/upstream.ts';
import { startFront, startRawUpstream, UPSTREAM_SECRET } from '../support/upstream.ts';

const INCIDENTS = '/v1/shapes/incidents';

/** As the catalogue's, but for columns that its readers are not to learn of. */
const incidents = CATALOG.get('incidents')!;
const HIDDEN = ['confidence', 'official'];
const NARROW = new Map([
  ['incidents', { ...incidents, columns: incidents.columns.filter(({ name }) => !HIDDEN.includes(name)) }],
]);

async function start(options: FrontOptions = {}) {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  const upstream = await startRawUpstream(database);
  const front = await startFront(database, upstream.url, options);
  return { database, pool: database.pool, upstream, front };
}

it.each([
  ['long polls', false],
  ['a stream of events', true],
] as const)(
  'Electric’s own client, by %s, follows a shape that another server answers, over its death, without a refetch',
  async (_, liveSse) => {
    const { database, pool, upstream, front } = await start();
    const kept = await insertIncident(pool, { region: '01' });
    const moved = await insertIncident(pool, { region: '03' });
    const incidents = followWithElectric(front.url, 'incidents?region=01', crypto.randomUUID(), { liveSse });
    const expectRows = (ids: readonly string[]) =>
      eventually(() => expect(incidents.values('id')).toEqual(ids.toSorted()));
    await expectRows([kept]);
    await pool.query(`UPDATE incidents SET region = '01', severity = 5 WHERE id = $1`, [moved]);
    await expectRows([kept, moved]);
    await pool.query('UPDATE incidents SET region = NULL WHERE id = $1', [kept]);
    await expectRows([moved]);

    const { slotName, dir } = upstream.readPath;
    const port = Number(new URL(upstream.url).port);
    await upstream.stop();
    const missed = await insertIncident(pool, { region: '01' });
    await startRawUpstream(database, { slotName, dir, port });
    await expectRows([moved, missed]);
    const last = await insertIncident(pool, { region: '01' });
    await expectRows([moved, missed, last]);
    expect(incidents.faults).toEqual([]);
    expect(incidents.handles.size).toBe(1);
    expect(incidents.contentTypes.has('text/event-stream')).toBe(liveSse);
  },
);

it('goes on at the same offset when the server behind it was away, and says so meanwhile', async () => {
  const { database, pool, upstream, front } = await start();
  await insertIncident(pool, { region: '01' });
  const shape = new StrictShapeReader(front.url, INCIDENTS, { region: '01' });
  await shape.catchUp();
  const { offset, handle } = shape;
  const live = { region: '01', offset, handle: handle!, live: 'true' };
  const waiting = fetch(`${front.url}${INCIDENTS}?${new URLSearchParams(live).toString()}`);
  await eventually(() => upstream.engine.status().waiting === 1);
  const { slotName, dir } = upstream.readPath;
  const port = Number(new URL(upstream.url).port);
  await upstream.stop();
  // A server that stops in order answers those who wait; one that has died gives what follows.
  await (await waiting).text();
  const refused = await fetch(`${front.url}${INCIDENTS}?${new URLSearchParams(live).toString()}`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await refused.json()).toMatchObject({ code: 'upstream_unavailable' });
  await expect(front.upstream.check()).rejects.toThrow('does not answer');

  await startRawUpstream(database, { slotName, dir, port });
  await front.upstream.check();
  await insertIncident(pool, { region: '01' });
  await eventually(async () => {
    await shape.catchUp();
    expect([shape.rows.size, shape.refetches, shape.handle]).toEqual([2, 0, handle]);
  });
  expect(front.log()).not.toContain(UPSTREAM_SECRET);
});

it('invariant 8: a client’s parameters only narrow a shape that another server answers', async () => {
  const { pool, front } = await start();
  const [mine, other] = [
    await insertIncident(pool, { region: '01', severity: 4 }),
    await insertIncident(pool, { region: '03', severity: 4 }),
  ];
  const ask = async (query: Record<string, string>) => {
    const search = new URLSearchParams({ offset: '-1', ...query }).toString();
    const answer = await fetch(`${front.url}${INCIDENTS}?${search}`);
    return { answer, text: await answer.text() };
  };
  const whole = await ask({ region: '01' });
  expect(whole.text).toContain(mine);
  expect(whole.text).not.toContain(other);
  const attempts = [
    ...['table', 'where', 'columns', 'params[1]', 'params[2]', 'secret', 'api_secret', 'source_id'].map(
      (name) => ({ [name]: 'true', region: '01' }),
    ),
    { region: `01' OR true` },
    {},
  ];
  for (const query of attempts) {
    const { answer, text } = await ask(query);
    expect([answer.status, text.includes(other)], JSON.stringify(query)).toEqual([400, false]);
  }
  // Rows of another user: his handle and offset are good for nothing.
  const [a, b] = [crypto.randomUUID(), crypto.randomUUID()];
  const his = new StrictShapeReader(front.url, '/v1/shapes/my_reports', {}, a);
  await his.catchUp();
  const answer = await requestShape(
    front.url,
    '/v1/shapes/my_reports',
    { offset: his.offset, handle: his.handle! },
    { authorization: b },
  );
  expect([answer.status, answer.messages.filter(isChangeMessage)]).toEqual([409, []]);
  expect(answer.headers.get('electric-handle')).not.toBe(his.handle);
});

it.each(['GET', 'POST'] as const)(
  'invariant 8: a subset, by %s, that another server answers narrows the shape and reads none but its columns',
  async (method) => {
    const { pool, front } = await start({ catalog: NARROW });
    const mine = await insertIncident(pool, { region: '01', severity: 4 });
    await insertIncident(pool, { region: '01', severity: 1 });
    await insertIncident(pool, { region: '03', severity: 4 });
    const ask = (subset: AskedSubset) =>
      askSubset(method, `${front.url}${INCIDENTS}`, { region: '01' }, subset);
    const first = await ask({ where: 'severity > $1', params: { '1': '2' } });
    expect([first.ids, first.answer.headers.get('cache-control')]).toEqual([[mine], 'no-cache']);
    expect((await ask({ order_by: 'severity desc', limit: 1 })).ids).toEqual([mine]);
    for (const where of ['severity > 2 OR true', 'true -- ', 'severity > 2 OR /* */ true --\n']) {
      expect((await ask({ where })).ids, where).toHaveLength(2);
    }
    for (const name of HIDDEN) {
      for (const asked of [{ where: `${name} IS NULL` }, { order_by: name }]) {
        const { answer, body } = await ask(asked);
        expect([answer.status, body]).toMatchObject([400, { errors: { subset: {} } }]);
      }
    }
    for (const where of ['true) OR (true', 'true; SELECT 1', 'severity IN (SELECT 1)']) {
      expect((await ask({ where })).answer.status, where).toBe(400);
    }
  },
);

it('says who may keep an answer as the own engine does, and lets caches ask whether they still may', async () => {
  const { pool, front } = await start();
  await insertIncident(pool, { region: '01' });
  const url = `${front.url}${INCIDENTS}?region=01&offset=-1`;
  const shared = await fetch(url);
  await shared.text();
  expect(shared.headers.get('cache-control')).toBe('public, max-age=60');
  expect(shared.headers.get('vary')).toBe('authorization');
  expect(JSON.parse(shared.headers.get('electric-schema')!)).toMatchObject({ severity: { type: 'int2' } });
  const cached = await fetch(url, { headers: { 'if-none-match': shared.headers.get('etag')! } });
  expect([cached.status, cached.headers.get('etag')]).toEqual([304, shared.headers.get('etag')]);
  const head = await fetch(url, { method: 'HEAD' });
  expect(head.headers.get('electric-handle')).toBe(shared.headers.get('electric-handle'));
  const own = await fetch(`${front.url}/v1/shapes/my_reports?offset=-1`, {
    headers: { authorization: crypto.randomUUID(), 'if-none-match': '"anything"' },
  });
  expect([own.status, own.headers.get('cache-control'), own.headers.get('etag')]).toEqual([
    200,
    'private, no-store',
    null,
  ]);
  await own.text();
  await eventually(() => expect(front.upstream.open).toBe(0));
});

it('passes a refetch on with the handle, and where to begin again', async () => {
  const { pool, front } = await start();
  const shape = new StrictShapeReader(front.url, INCIDENTS, { region: '01' });
  await shape.catchUp();
  await pool.query('TRUNCATE incidents CASCADE');
  await insertIncident(pool, { region: '01' });
  await eventually(async () => {
    await shape.catchUp();
    expect([shape.rows.size, shape.refetches]).toEqual([1, 1]);
  });
  const query = { region: '01', offset: '0_0', handle: 'unknown' };
  const unknown = await requestShape(front.url, INCIDENTS, query);
  const location = new URL(unknown.headers.get('location')!, front.url);
  expect(unknown.status).toBe(409);
  expect(location.searchParams.get('handle')).toBe(unknown.headers.get('electric-handle'));
  const beyond = await requestShape(front.url, INCIDENTS, {
    region: '01',
    offset: '99999999999999_0',
    handle: shape.handle!,
  });
  expect(beyond.status).toBe(400);
});
