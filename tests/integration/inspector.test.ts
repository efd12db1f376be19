import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { DeviceDetail, DeviceList, DeviceRows } from '@halo/shapes/protocol/inspector-devices.ts';
import type { Overview, Replication, ShapeList } from '@halo/shapes/protocol/inspector.ts';
import type { RequireCaller } from '../../server/auth/identity.ts';
import { createPool } from '../../server/db/pool.ts';
import type { Pool } from '../../server/db/pool.ts';
import { answerProblem } from '../../server/http/problem.ts';
import { MAX_DEVICES_PER_ACCOUNT } from '../../server/inspector/contact-store.ts';
import { ContactWriter } from '../../server/inspector/contact-writer.ts';
import { DeviceBook } from '../../server/inspector/device-book.ts';
import { EXAMPLE_CHECK, EXAMPLE_INSPECTED } from '../../server/inspector/examples.ts';
import { HeadHistory } from '../../server/inspector/head-history.ts';
import { createInspectorSweep } from '../../server/inspector/housekeeping.ts';
import { OpenChecks } from '../../server/inspector/open-checks.ts';
import { writeOwnReport } from '../../server/inspector/instances.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createTestDatabase, useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { inspectorOf, WELL } from '../support/inspector.ts';
import { addUsers } from './mutations-support.ts';
import { fillDatabase } from './rest-full-database.ts';

const SYNC = '/api/v1/admin/sync';
const logger = createLogger('silent');

let database: TestDatabase;
let users: [string, string, string];
beforeAll(async () => {
  database = await createTestDatabase();
  users = (await addUsers(database.pool, 3)) as typeof users;
  await fillDatabase(database.pool, { reporter: users[0], other: users[1] });
});
afterAll(() => database.drop());

let nowMs: number;
beforeEach(() => {
  nowMs = 1_000_000;
});

/** The inspector's routes over a pool; the token is `role:user`. */
function appOf(pool: Pool, given: Parameters<typeof inspectorOf>[2] = {}) {
  const requireCaller: RequireCaller = () => async (c, next) => {
    const [role, userId] = (c.req.header('authorization') ?? '').split(':') as [Role, string];
    c.set('caller', {
      userId,
      role,
      sessionId: crypto.randomUUID(),
      expiresAt: new Date(Date.now() + 900_000),
    });
    await next();
  };
  const app = new OpenAPIHono();
  app.onError((error, c) => answerProblem(error, c, logger));
  app.route('/', inspectorOf(pool, requireCaller, given).router);
  return async <Body>(path: string, { method = 'GET', as = `operator:${users[2]}`, body }: Asked = {}) => {
    const answer = await app.request(path, {
      method,
      headers: { authorization: as, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as Body };
  };
}
interface Asked {
  readonly method?: string;
  readonly as?: string;
  readonly body?: unknown;
}

/** A server's book of devices and what writes it down. */
function instanceOf(instance: string) {
  const book = new DeviceBook(() => nowMs);
  const checks = new OpenChecks(() => nowMs);
  const { pool } = database;
  const writer = new ContactWriter({ pool, instance, book, checks, nowMs: () => nowMs, logger });
  return { book, checks, writer };
}
const position = (offset: string, phase: 'live' | 'catching_up' = 'live') => ({
  ...{ shape: 'incidents?region=01', phase, offset, run: 'r', looks: false, events: false },
});
async function sessionOf(userId: string): Promise<string> {
  const id = crypto.randomUUID();
  await database.pool.query(
    `INSERT INTO sessions (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`,
    [id, userId],
  );
  return id;
}

it('invariant 11: every GET of the inspector answers where nothing can be written, but for looks that are recorded, and changes no row', async () => {
  const pool = createPool(`${database.url}`, 4, logger);
  try {
    pool.on(
      'connect',
      (client) => void client.query('SET default_transaction_read_only = on').catch(() => {}),
    );
    await expect(pool.query('DELETE FROM device_status')).rejects.toMatchObject({ code: '25006' });
    const before = await allRows();
    const ask = appOf(pool);
    const { device, mutation } = EXAMPLE_INSPECTED;
    for (const path of [
      SYNC,
      `${SYNC}/devices`,
      `${SYNC}/devices/${device}`,
      `${SYNC}/devices/${device}/events`,
      `${SYNC}/devices/${device}/checks`,
      `${SYNC}/mutations?status=rejected`,
      `${SYNC}/shapes`,
      `${SYNC}/replication`,
      `${SYNC}/history`,
      '/api/v1/admin/feeds',
    ]) {
      const answer = await ask(path);
      expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBe(200);
    }
    const looks = [
      `${SYNC}/devices/${device}/rows?shape=my_watches`,
      `${SYNC}/devices/${device}/rows?shape=incidents%3Fregion%3D01`,
      `${SYNC}/mutations/${mutation}`,
    ];
    // What cannot be recorded is not shown.
    for (const path of looks)
      expect(await ask(path), path).toMatchObject({ status: 503, body: { code: 'look_not_recorded' } });
    expect(await allRows()).toEqual(before);

    const recording = appOf(database.pool);
    for (const path of looks) expect((await recording(path)).status, path).toBe(200);
    const after = await allRows();
    expect(after.filter(([name], at) => after[at]![1] !== before[at]![1] && name !== 'audit_log')).toEqual(
      [],
    );
    const { rows } = await database.pool.query<{ action: string }>(
      'SELECT action FROM audit_log ORDER BY id',
    );
    const actions = ['device.rows_read', 'device.rows_read', 'mutation.read'];
    expect(rows.map(({ action }) => action)).toEqual(actions);
  } finally {
    await pool.end();
  }
});

/** The name of each table, and a digest of all its rows. */
async function allRows(): Promise<readonly (readonly [name: string, digest: string])[]> {
  const { rows: tables } = await database.pool.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  const digests = tables.map(async ({ name }) => {
    const { rows } = await database.pool.query<{ digest: string }>(
      `SELECT coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') AS digest FROM ${name} t`,
    );
    return [name, rows[0]!.digest] as const;
  });
  return Promise.all(digests);
}

it('exact positions are shown beside no name: of mutations, and of rows', async () => {
  const ask = appOf(database.pool);
  const { device, mutation } = EXAMPLE_INSPECTED;
  const found = await ask<{ args: unknown }>(`${SYNC}/mutations/${mutation}`);
  expect(found.body).toMatchObject({ redacted: true, args: { location: { lat: 59.33, lon: 18.06 } } });
  const watches = await ask<DeviceRows>(`${SYNC}/devices/${device}/rows?shape=my_watches`);
  expect(watches.body).toMatchObject({ total: 1, redacted: true });
  expect(JSON.stringify(watches.body)).not.toContain('59.332581');
  const reports = await ask<DeviceRows>(`${SYNC}/devices/${device}/rows?shape=my_reports&limit=1`);
  expect(reports.body.rows).toHaveLength(1);
  expect(JSON.stringify(reports.body)).not.toContain('59.3326');
});

it('invariant 8: rows are those that the person of the device may have, page by page', async () => {
  const ask = appOf(database.pool);
  const rows = `${SYNC}/devices/${EXAMPLE_INSPECTED.device}/rows`;
  expect((await ask(`${rows}?shape=incident_report_details%3Fregion%3D01`)).status).toBe(403);
  expect((await ask(`${rows}?shape=nothing`)).status).toBe(404);
  expect((await ask(`${rows}?shape=incidents%3Fregion%3Dx`)).status).toBe(400);
  expect((await ask(`${rows}?shape=incidents%3Fother%3D01`)).status).toBe(400);
  const seen: (string | null)[] = [];
  let cursor: string | null = null;
  do {
    const page: { body: DeviceRows } = await ask(
      `${rows}?shape=incidents%3Fregion%3D01&limit=1${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    seen.push(...page.body.rows.map(([id]) => id!));
    cursor = page.body.nextCursor;
  } while (cursor !== null && seen.length < 20);
  const all = await database.pool.query<{ id: string }>(
    `SELECT id FROM incidents WHERE ${(await import('@halo/shapes/catalog/incidents.ts')).incidents.where!.replace('$1', "'01'")} ORDER BY id`,
  );
  expect(seen).toEqual(all.rows.map(({ id }) => id));
  expect((await ask(`${rows}?shape=incidents%3Fregion%3D01&cursor=bm8`)).status).toBe(400);
});

it('a device is heard by two instances, and any of them tells where it stands', async () => {
  const [userId] = users;
  const [sessionId, id] = [await sessionOf(userId), crypto.randomUUID()];
  const history = new HeadHistory();
  history.sample(performance.now() - 5_000, 900n);
  for (const lsn of [400n, 600n, 700n]) history.committed(lsn);
  await writeOwnReport(database.pool, 'bbbbbbbbbbbb', WELL);
  const ask = appOf(database.pool, { self: 'cccccccccccc', history });
  const [one, other] = [instanceOf('bbbbbbbbbbbb'), instanceOf('cccccccccccc')];
  const report = { id, v: '1.2.3', p: 2, r: 1, o: 40, e: 'replica_full' };
  one.book.asked(one.book.heard({ userId, sessionId, report }), position('500_0'));
  await one.writer.write();
  nowMs += 3_000;
  other.book.asked(other.book.heard({ userId, sessionId, report }), position('600_0'));
  await other.writer.write();
  const { body } = await ask<DeviceDetail>(`${SYNC}/devices/${id}`);
  expect(body).toMatchObject({
    knownBy: 'device',
    user: { id: userId },
    appVersion: '1.2.3',
    state: 'live',
    outbox: { pending: 2, rejected: 1, oldestSeconds: 40 },
    lastError: { code: 'replica_full', from: 'device' },
    shapes: [{ shape: 'incidents?region=01', offset: '600_0', behindBytes: 300, behindTransactions: 1 }],
  });
  expect(body.contact.instances.toSorted()).toEqual(['bbbbbbbbbbbb', 'cccccccccccc']);
  expect(body.contact.ageSeconds).toBeLessThan(15);

  // The session ends: whatever was heard before, it may not come any more.
  await database.pool.query(
    `UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE id = $1`,
    [sessionId],
  );
  expect((await ask<DeviceDetail>(`${SYNC}/devices/${id}`)).body).toMatchObject({
    state: 'revoked',
    reason: { code: 'logged_out' },
  });
});

it('invariant 11: an instance that stopped is gone, and its devices go on ageing', async () => {
  const [userId] = users;
  const [sessionId, id] = [await sessionOf(userId), crypto.randomUUID()];
  const { book, writer } = instanceOf('dddddddddddd');
  book.asked(book.heard({ userId, sessionId, report: { id } }), position('500_0'));
  await writeOwnReport(database.pool, 'dddddddddddd', WELL);
  await writer.write();
  await database.pool.query(
    `UPDATE instance_status SET reported_at = now() - interval '1 hour' WHERE instance = 'dddddddddddd'`,
  );
  const ask = appOf(database.pool);
  const { body } = await ask<Replication>(`${SYNC}/replication`);
  const stopped = body.instances.find((each) => each.id === 'dddddddddddd')!;
  expect(stopped).toMatchObject({ state: 'gone', lag: { bytes: null } });
  expect(stopped.lag.seconds).toBeGreaterThan(3_500);
  expect((await ask<DeviceDetail>(`${SYNC}/devices/${id}`)).body).toMatchObject({
    state: 'stalled',
    reason: { code: 'head_unknown' },
    shapes: [{ behindBytes: null, behindTransactions: null, behindSeconds: null }],
  });
  await database.pool.query(
    `UPDATE device_contacts SET heard_at = now() - interval '29 seconds' WHERE id = $1`,
    [id],
  );
  expect((await ask<DeviceDetail>(`${SYNC}/devices/${id}`)).body).toMatchObject({ state: 'offline' });
});

it('a client that does not name its device is known by its log-in, until it does', async () => {
  const [, userId] = users;
  const [sessionId, id] = [await sessionOf(userId), crypto.randomUUID()];
  const { book, writer } = instanceOf('eeeeeeeeeeee');
  const ask = appOf(database.pool, { self: 'eeeeeeeeeeee' });
  const known = async () => {
    const { body } = await ask<DeviceList>(`${SYNC}/devices?userId=${userId}`);
    return body.devices.map((device) => [device.id, device.knownBy]);
  };
  book.asked(book.heard({ userId, sessionId, report: undefined }), position('5_0'));
  await writer.write();
  expect(await known()).toEqual([]);
  nowMs += 11_000;
  await writer.write();
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  expect(await known()).toEqual([[sessionId, 'session']]);
  expect((await ask(`${SYNC}/devices/${sessionId}/checks`, { method: 'POST' })).body).toMatchObject({
    code: 'device_cannot_answer',
  });
  book.heard({ userId, sessionId, report: { id } });
  await writer.write();
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  expect(await known()).toEqual([[id, 'device']]);
});

it('nobody writes himself into another person’s device, or makes devices without end', async () => {
  const [owner, stranger] = users;
  const { device } = EXAMPLE_INSPECTED;
  const { book, writer } = instanceOf('ffffffffffff');
  const sessionId = await sessionOf(stranger);
  book.heard({ userId: stranger, sessionId, report: { id: device, p: 77 } });
  await writer.write();
  const { rows } = await database.pool.query<{ user_id: string; pending: number }>(
    'SELECT user_id, pending FROM device_status WHERE id = $1',
    [device],
  );
  expect(rows[0]).toMatchObject({ user_id: owner, pending: 1 });

  for (let i = 0; i < 130; i += 1)
    book.heard({ userId: stranger, sessionId, report: { id: crypto.randomUUID() } });
  await writer.write();
  nowMs += 10_000;
  for (let i = 0; i < 30; i += 1)
    book.heard({ userId: stranger, sessionId, report: { id: crypto.randomUUID() } });
  await writer.write();
  const { rowCount } = await database.pool.query('SELECT FROM device_status WHERE user_id = $1', [stranger]);
  // Neither those before nor each other in one batch may make it more.
  expect(rowCount).toBe(MAX_DEVICES_PER_ACCOUNT);
  await database.pool.query('DELETE FROM device_status WHERE user_id = $1', [stranger]);
});

it('a check is asked once, given to the device, answered by nobody else, and told', async () => {
  const [userId, stranger] = users;
  const [sessionId, id] = [await sessionOf(userId), crypto.randomUUID()];
  const { book, checks, writer } = instanceOf('abababababab');
  const ask = appOf(database.pool);
  book.heard({ userId, sessionId, report: { id } });
  await writer.write();
  const asked = await ask<{ id: string }>(`${SYNC}/devices/${id}/checks`, { method: 'POST' });
  expect(asked).toMatchObject({ status: 202, body: { state: 'asked', right: null } });
  expect((await ask<{ id: string }>(`${SYNC}/devices/${id}/checks`, { method: 'POST' })).body.id).toBe(
    asked.body.id,
  );
  await writer.write();
  expect(checks.take(id)).toBe(asked.body.id);
  expect(checks.take(id)).toBeUndefined();
  await writer.write();
  const list = () => ask<{ checks: object[] }>(`${SYNC}/devices/${id}/checks`);
  expect((await list()).body.checks).toMatchObject([{ state: 'sent' }]);

  const path = `/v1/devices/${id}/checks/${asked.body.id}`;
  const answer = EXAMPLE_CHECK.answer!;
  const wrong = {
    shapes: [{ ...answer.shapes[0]!, outcome: 'different' as const, serverRows: 119 }],
    errorCode: null,
  };
  expect((await ask(path, { method: 'POST', as: `reporter:${stranger}`, body: wrong })).status).toBe(404);
  expect((await ask(path, { method: 'POST', as: `reporter:${userId}`, body: { shapes: 7 } })).status).toBe(
    400,
  );
  expect((await ask(path, { method: 'POST', as: `reporter:${userId}`, body: wrong })).status).toBe(204);
  expect((await ask(path, { method: 'POST', as: `reporter:${userId}`, body: answer })).status).toBe(204);
  expect((await list()).body.checks).toMatchObject([{ state: 'answered', right: false, answer: wrong }]);
  await writer.write();
  expect(checks.has(id)).toBe(false);
});

it('what happened to a device is listed newest first, and what happens again within a minute counts as the same', async () => {
  const [userId] = users;
  const [sessionId, id] = [await sessionOf(userId), crypto.randomUUID()];
  const { book, writer } = instanceOf('acacacacacac');
  const device = book.heard({ userId, sessionId, report: { id, v: '1' } });
  for (let i = 0; i < 5; i += 1) book.refused(device, 'refused', 'areas', 'forbidden');
  await writer.write();
  nowMs += 61_000;
  book.heard({ userId, sessionId, report: { id, v: '2' } });
  await writer.write();
  const ask = appOf(database.pool);
  const kinds: string[] = [];
  let cursor: string | null = null;
  do {
    const page: {
      body: { events: { kind: string; code: string | null; times: number }[]; nextCursor: string | null };
    } = await ask(`${SYNC}/devices/${id}/events?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
    kinds.push(...page.body.events.map(({ kind, code, times }) => `${kind} ${code} ${times}`));
    cursor = page.body.nextCursor;
  } while (cursor !== null && kinds.length < 20);
  expect(kinds.toSorted()).toEqual([
    'came null 1',
    'refused forbidden 1',
    'refused forbidden 4',
    'version 2 1',
  ]);
  await createInspectorSweep(database.pool).run(new AbortController().signal);
  expect((await ask<{ events: object[] }>(`${SYNC}/devices/${id}/events`)).body.events).toHaveLength(4);
});

it('the overview says in words what is wrong', async () => {
  const ask = appOf(database.pool, {
    ownReport: () => ({ ...WELL, state: 'silent', lagMs: 31_000, lagBytes: null }),
  });
  const { body } = await ask<Overview>(SYNC);
  expect(body.verdict).toBe('replication_down');
  expect(body.devices.live).toBe(0);
  expect(body.findings.map(({ code }) => code)).toContain('replication_silent');
});

it('how many rows a table has is said where Postgres can tell: none where there is none, and null where it cannot', async () => {
  const { pool, url } = await useTestDatabase();
  const [userId] = await addUsers(pool, 1);
  const ask = appOf(pool);
  const rows = async () => {
    const { body } = await ask<ShapeList>(`${SYNC}/shapes`);
    return body.shapes.find(({ name }) => name === 'my_watches')!.tableRows;
  };
  await pool.query('ALTER TABLE watches SET (autovacuum_enabled = off)');
  expect(await rows()).toBe(0);

  // A connection tells what it wrote when it ends, at the latest.
  const writer = createPool(url, 1, logger);
  await writer.query(
    `INSERT INTO watches (id, user_id, name, lat, lon, radius_m, threshold)
     SELECT gen_random_uuid(), $1, name, 59.3, 18.1, 500, 0.5 FROM unnest(ARRAY['home', 'work']) AS name`,
    [userId],
  );
  await writer.end();
  await eventually(async () => expect(await rows()).toBe(2));

  // As after a crash: what was written is known no more.
  await pool.query(`SELECT pg_stat_reset_single_table_counters('watches'::regclass)`);
  await eventually(async () => expect(await rows()).toBeNull());
  await pool.query('ANALYZE watches');
  expect(await rows()).toBe(2);
});
