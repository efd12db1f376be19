import { isChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { requestShape, StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServer, ShapeServerOptions } from '../support/shape-server.ts';

const INCIDENTS = '/v1/shapes/incidents';

async function start(options: ShapeServerOptions = {}) {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  const server = await startShapeServer(database, options);
  onTestFinished(() => server.stop());
  return { database, server };
}

function incidentsOf(
  server: ShapeServer,
  region = '01',
  more: Record<string, string> = {},
  authorization = '',
): StrictShapeReader {
  return new StrictShapeReader(server.url, INCIDENTS, { region, ...more }, authorization);
}

async function insertReporter({ pool }: TestDatabase): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO users (id, email, display_name, password_hash)
     VALUES (gen_random_uuid(), gen_random_uuid() || '@halo.example', 'R', 'x') RETURNING id`,
  );
  return rows[0]!.id;
}

async function insertReport({ pool }: TestDatabase, reporter: string): Promise<void> {
  await pool.query(
    `INSERT INTO reports (id, source, reporter_id, type, severity, occurred_at, lat, lon, accuracy_m, location_precision)
     VALUES (gen_random_uuid(), 'user', $1, 'theft', 3, now(), 59, 18, 10, 'point')`,
    [reporter],
  );
}

it('answers faults in the protocol’s words, and ours as problems', async () => {
  const { server } = await start();
  const ask = async (path: string, query: Record<string, string>) => {
    const response = await fetch(`${server.url}${path}?${new URLSearchParams(query).toString()}`);
    return [response.status, await response.json()] as const;
  };
  const invalid = (errors: object) => [400, { message: 'Invalid request', errors }];
  const region = '01';
  expect(await ask(INCIDENTS, { region })).toEqual(invalid({ offset: ["can't be blank"] }));
  expect(await ask(INCIDENTS, { region, offset: '1_' })).toEqual(invalid({ offset: ['has invalid format'] }));
  expect(await ask(INCIDENTS, { region, offset: '0_inf' })).toEqual(
    invalid({ handle: ["can't be blank when offset != -1"] }),
  );
  expect(await ask(INCIDENTS, { region, offset: '-1', live: 'true' })).toEqual(
    invalid({ live: ["can't be true when offset == -1"] }),
  );
  expect(await ask(INCIDENTS, { region, offset: 'now', live: 'true' })).toEqual(
    invalid({ live: ["can't be true when offset is 'now'"] }),
  );
  expect(await ask(INCIDENTS, { region, offset: '-1', replica: 'nope' })).toEqual(
    invalid({ replica: ['is invalid'] }),
  );
  const codes = async (path: string, query: Record<string, string>) => {
    const [status, body] = await ask(path, { offset: '-1', ...query });
    return [status, (body as { code: string }).code];
  };
  expect(await codes('/v1/shapes/nothing', {})).toEqual([404, 'shape_not_found']);
  expect(await codes('/v1/shapes/constructor', {})).toEqual([404, 'shape_not_found']);
  expect(await codes(INCIDENTS, {})).toEqual([400, 'invalid_parameter']);
  expect(await codes(INCIDENTS, { region: `01' OR true` })).toEqual([400, 'invalid_parameter']);
  for (const name of ['table', 'where', 'columns', 'params', 'user_id', 'toString']) {
    expect(await codes(INCIDENTS, { region, [name]: 'x' })).toEqual([400, 'unknown_parameter']);
  }
  const twice = await fetch(`${server.url}${INCIDENTS}?offset=-1&region=01&region=03`);
  expect(twice.status).toBe(400);
});

it('invariant 8: another user’s handle and offset give none of his rows', async () => {
  const { database, server } = await start();
  const [a, b] = [await insertReporter(database), await insertReporter(database)];
  await insertReport(database, a);
  const mine = new StrictShapeReader(server.url, '/v1/shapes/my_reports', {}, a);
  await mine.catchUp();
  expect(mine.rows.size).toBe(1);
  for (const offset of ['-1', '0_0', mine.offset]) {
    const query = { offset, handle: mine.handle!, ...(offset === mine.offset ? { live: 'true' } : {}) };
    const answer = await requestShape(server.url, '/v1/shapes/my_reports', query, { authorization: b });
    expect(answer.messages.filter(isChangeMessage)).toEqual([]);
    expect(answer.headers.get('electric-handle')).not.toBe(mine.handle);
    expect(answer.status).toBe(offset === '-1' ? 200 : 409);
  }
  const private_ = await requestShape(
    server.url,
    '/v1/shapes/my_reports',
    { offset: '-1' },
    { authorization: a },
  );
  expect(private_.headers.get('cache-control')).toBe('private, no-store');
  expect(private_.headers.get('etag')).toBe(null);
});

it('gives live answers a cursor that rises, and lets shared answers be kept for a minute', async () => {
  const { database, server } = await start();
  await insertIncident(database.pool, { region: '01' });
  const first = await requestShape(server.url, INCIDENTS, { region: '01', offset: '-1' });
  expect(first.headers.get('cache-control')).toBe('public, max-age=60');
  expect(first.headers.get('vary')).toBe('authorization');
  expect(first.headers.get('electric-offset')).toMatch(/^\d+_\d+$/);
  expect(JSON.parse(first.headers.get('electric-schema')!)).toMatchObject({
    id: { type: 'uuid', not_null: true, pk_index: 0 },
    severity: { type: 'int2' },
  });
  const cached = await fetch(`${server.url}${INCIDENTS}?region=01&offset=-1`, {
    headers: { 'if-none-match': first.headers.get('etag')! },
  });
  expect(cached.status).toBe(304);
  const head = await fetch(`${server.url}${INCIDENTS}?region=01&offset=-1`, { method: 'HEAD' });
  expect(head.headers.get('electric-handle')).toBe(first.headers.get('electric-handle'));
  const handle = first.headers.get('electric-handle')!;
  const live = { region: '01', handle, live: 'true', offset: first.headers.get('electric-offset')! };
  const waiting = requestShape(server.url, INCIDENTS, live);
  await eventually(() => server.engine.status().waiting === 1);
  await insertIncident(database.pool, { region: '01' });
  const answer = await waiting;
  const cursor = Number(answer.headers.get('electric-cursor'));
  expect(cursor % 20).toBe(0);
  expect(answer.headers.get('electric-schema')).toBe(null);
  const again = await requestShape(server.url, INCIDENTS, { ...live, cursor: String(cursor) });
  expect(Number(again.headers.get('electric-cursor'))).toBeGreaterThan(cursor);
  const change = answer.messages.find(isChangeMessage)!;
  const commit = await database.pool.query<{ xid: string }>(
    `SELECT xmin::text AS xid FROM incidents WHERE id = $1`,
    [change.value['id']],
  );
  expect(change.headers).toMatchObject({ operation: 'insert', last: true, op_position: 0 });
  expect(change.headers.txids).toEqual([Number(commit.rows[0]!.xid)]);
});

it('scenario O9: a live request ends with 401 when the token runs out, and goes on at the same place', async () => {
  const caller: { expiresAt?: Date } = {};
  const { database, server } = await start({ caller });
  const shape = incidentsOf(server);
  await shape.catchUp();
  caller.expiresAt = new Date(Date.now() + 500);
  const query = { region: '01', offset: shape.offset, handle: shape.handle!, live: 'true' };
  const answer = await fetch(`${server.url}${INCIDENTS}?${new URLSearchParams(query).toString()}`);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(await answer.json()).toMatchObject({ code: 'token_expired' });
  expect(server.engine.status().waiting).toBe(0);
  const { slotName, dir } = server.readPath;
  await server.stop();
  const renewed = await startShapeServer(database, { slotName, dir });
  onTestFinished(() => renewed.stop());
  await insertIncident(database.pool, { region: '01' });
  await renewed.readPath.caughtUp();
  shape.url = renewed.url;
  await shape.catchUp();
  expect([shape.rows.size, shape.refetches]).toEqual([1, 0]);
});

it('answers the waiting siblings of a session as soon as one of its shapes has news', async () => {
  const { database, server } = await start();
  const session = crypto.randomUUID();
  const [quiet, loud, stranger, thief] = [
    incidentsOf(server, '03', { session }),
    incidentsOf(server, '01', { session }),
    incidentsOf(server, '03', { session: crypto.randomUUID() }),
    // Another person, who knows the session's name.
    incidentsOf(server, '03', { session }, 'somebody else'),
  ];
  for (const shape of [quiet, loud, stranger, thief]) await shape.catchUp();
  const leaving = new AbortController();
  const others = [stranger, thief].map((each) => each.step(true, leaving.signal).catch(() => 'left'));
  const waits = [quiet.step(true), loud.step(true)];
  await eventually(() => server.engine.status().waiting === 4);
  await insertIncident(database.pool, { region: '01' });
  expect(await Promise.all(waits)).toEqual([true, true]);
  expect(loud.rows.size).toBe(1);
  const lsn = (shape: StrictShapeReader) => BigInt(shape.offset.split('_')[0]!);
  expect(lsn(quiet)).toBeGreaterThanOrEqual(lsn(loud));
  expect(server.engine.status().waiting).toBe(2);
  leaving.abort();
  expect(await Promise.all(others)).toEqual(['left', 'left']);
  await eventually(() => server.engine.status().waiting === 0);
});

it('rotates a shape once when its table is truncated or a column of it changes, and not for other columns', async () => {
  const { database, server } = await start();
  const { pool } = database;
  await insertIncident(pool, { region: '01' });
  const shape = incidentsOf(server);
  await shape.catchUp();
  const goOn = async () => {
    await insertIncident(pool, { region: '01' });
    await server.readPath.caughtUp();
    await shape.catchUp();
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM incidents WHERE region = '01' ORDER BY id`,
    );
    expect([...shape.rows.values()].map((row) => row['id']).toSorted()).toEqual(rows.map(({ id }) => id));
    return shape.refetches;
  };
  await pool.query('ALTER TABLE incidents ADD COLUMN extra int DEFAULT 1');
  expect(await goOn()).toBe(0);
  await pool.query('ALTER TABLE incidents DROP COLUMN extra, ALTER COLUMN severity DROP NOT NULL');
  expect(await goOn()).toBe(0);
  await pool.query('TRUNCATE incidents CASCADE');
  expect(await goOn()).toBe(1);
  await pool.query('ALTER TABLE incidents ALTER COLUMN severity TYPE int');
  expect(await goOn()).toBe(2);
  expect(await goOn()).toBe(2);
  const live = shape.step(true);
  await eventually(() => server.engine.status().waiting === 1);
  await pool.query('TRUNCATE incidents CASCADE');
  expect(await live).toBe(false);
  expect(shape.refetches).toBe(3);
});

it('answers waiting readers when it stops, and says that it is stopping', async () => {
  const { server } = await start();
  const shape = incidentsOf(server);
  await shape.catchUp();
  const waiting = shape.step(true);
  await eventually(() => server.engine.status().waiting === 1);
  await server.engine.close();
  expect(await waiting).toBe(true);
  const refused = await fetch(`${server.url}${INCIDENTS}?region=01&offset=-1`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
});

it('refuses a refused handle’s snapshot again, and offsets beyond the end of everything', async () => {
  const { server } = await start();
  const shape = incidentsOf(server);
  await shape.catchUp();
  const region = '01';
  const again = await requestShape(server.url, INCIDENTS, {
    region,
    offset: '-1',
    expired_handle: shape.handle!,
  });
  expect(again.headers.get('electric-handle')).not.toBe(shape.handle);
  const unknown = await requestShape(server.url, INCIDENTS, { region, offset: '0_0', handle: 'unknown' });
  const location = new URL(unknown.headers.get('location')!, server.url);
  expect(unknown.status).toBe(409);
  expect(location.searchParams.get('handle')).toBe(unknown.headers.get('electric-handle'));
  const query = { region, offset: '99999999999999_0', handle: shape.handle! };
  expect((await requestShape(server.url, INCIDENTS, query)).status).toBe(400);
  const now = await requestShape(server.url, INCIDENTS, { region, offset: 'now' });
  expect(now.headers.has('electric-up-to-date')).toBe(true);
  expect(now.headers.get('electric-has-data')).toBe('false');
});

it('refuses a table whose changes do not tell the old row', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  await database.pool.query('ALTER TABLE incidents REPLICA IDENTITY DEFAULT');
  const server = await startShapeServer(database);
  onTestFinished(() => server.stop());
  const answer = await fetch(`${server.url}${INCIDENTS}?region=01&offset=-1`);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
    500,
    'replica_identity_not_full',
  ]);
});
