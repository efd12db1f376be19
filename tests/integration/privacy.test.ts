import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import { recordAct, recordLook, THE_HOUSE } from '../../server/audit/audit-log.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { erasePerson } from '../../server/privacy/erase-person.ts';
import { exportPerson } from '../../server/privacy/export-person.ts';
import { forgetErased } from '../../server/privacy/forget-erased.ts';
import { privacyRoutes } from '../../server/privacy/routes.ts';
import { createReportAnonymiser } from '../../server/reports/anonymise.ts';
import { publicPoint } from '../../server/reports/public-point.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import { createTestAuth, movableClock } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startReadPath } from '../support/read-path.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const writer = createReportWriter({ newId: uuidv7 });
const reports = createReportAnonymiser();
const SECRET = 'my own words about what I saw';
const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };

let database: TestDatabase;
let auth: TestAuth;
let neighbour: TestDevice;
beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = database;
  auth = await createTestAuth(database, movableClock(), (requireCaller) => [
    privacyRoutes(pool, requireCaller),
  ]);
  const [userId] = await addUsers(pool, 1);
  neighbour = new TestDevice(userId!);
});
afterAll(async () => {
  auth.remove();
  await database.drop();
});

const erase = (body: unknown, token: string) =>
  auth.app.request('/api/v1/auth/me', {
    method: 'DELETE',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
const begin = async () => (await (await auth.post('/api/v1/auth/anonymous', {})).json()) as Tokens;
const userOf = ({ accessToken }: Tokens) => String(decodeJwt(accessToken).sub);
const settle = async (device: TestDevice, ...mutations: Parameters<TestDevice['settle']>[1]) =>
  (await device.settle(createInstance(database.pool), mutations)).results;

describe('a person without an account', () => {
  it('reports, amends, counts as one reporter among others, and may take an account with all of it', async () => {
    const tokens = await begin();
    const me = await auth.get('/api/v1/auth/me', tokens.accessToken);
    expect(await me.json()).toMatchObject({ email: null, role: 'reporter' });
    const device = new TestDevice(userOf(tokens));
    const report = device.report({ location: HERE });
    await settle(device, report);
    const [amended] = await settle(
      device,
      device.mutation('report.amend', { reportId: report.id, version: 1, changes: { severity: 5 } }),
    );
    expect(amended).toMatchObject({ status: 'applied' });
    const [second] = await settle(neighbour, neighbour.report({ location: HERE }));
    const { rows } = await database.pool.query('SELECT verification, severity FROM incidents WHERE id = $1', [
      second?.result?.['incidentId'],
    ]);
    expect(rows).toEqual([{ verification: 'corroborated', severity: 5 }]);

    const account = {
      email: 'claimed@halo.example',
      password: 'a long enough password',
      displayName: 'Known',
    };
    const claim = (token: string) => auth.post('/api/v1/auth/claim', account, token);
    expect((await claim(tokens.accessToken)).status).toBe(200);
    expect(await (await claim(tokens.accessToken)).json()).toMatchObject({ code: 'account_exists' });
    const other = await begin();
    expect(await (await claim(other.accessToken)).json()).toMatchObject({
      code: 'email_taken',
      field: 'email',
    });
    const login = await auth.post('/api/v1/auth/login', { email: account.email, password: account.password });
    expect(userOf((await login.json()) as Tokens)).toBe(device.userId);
  });

  it('corroborates nobody else without an account, whatever becomes of either', async () => {
    const { pool } = database;
    const location = { ...HERE, lat: 59.6 };
    const told = async (device: TestDevice) => {
      const [result] = await settle(device, device.report({ location }));
      const { rows } = await pool.query<{ verification: string }>(
        'SELECT verification FROM incidents WHERE id = $1',
        [result?.result?.['incidentId']],
      );
      return rows[0]?.verification;
    };
    const [one, two] = [await begin(), await begin()];
    const [first, second] = [new TestDevice(userOf(one)), new TestDevice(userOf(two))];
    expect([await told(first), await told(second)]).toEqual(['unverified', 'unverified']);
    await erasePerson({ pool, reports, newId: uuidv7 }, first.userId, new AbortController().signal);
    expect(await told(second)).toBe('unverified');
    const account = { email: 'later@halo.example', password: 'a long enough password', displayName: 'Later' };
    expect((await auth.post('/api/v1/auth/claim', account, two.accessToken)).status).toBe(200);
    expect(await told(second)).toBe('corroborated');
    // His own two kinds of reports are one person's, also when nobody knows any more whose they were.
    await erasePerson({ pool, reports, newId: uuidv7 }, second.userId, new AbortController().signal);
    const { rows } = await pool.query(
      'SELECT anonymous FROM reports WHERE lat > 59.59 AND lat < 59.61 ORDER BY id',
    );
    expect(rows.map(({ anonymous }: { anonymous: boolean }) => anonymous)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('cannot log in by a password that nobody has set', async () => {
    await begin();
    const { status } = await auth.post('/api/v1/auth/login', {
      email: 'anonymous',
      password: 'anything at all',
    });
    expect(status).toBe(401);
  });
});

/** What else may be kept of a person: acts of his and about him, an invitation, and a secret that he was given. */
async function entriesBesides(userId: string, deviceId: string): Promise<void> {
  const { pool } = database;
  const secret = randomBytes(32);
  await inTransaction(pool, async (tx) => {
    const actor = { userId, origin: { address: '192.0.2.9', requestId: 'r' } };
    const target = { kind: 'incident', id: uuidv7() };
    await recordAct(tx, actor, { action: 'incident.join', target, reason: SECRET, details: { by: userId } });
    const him = { kind: 'user', id: userId };
    await recordAct(tx, THE_HOUSE, { action: 'user.disabled', target: him, reason: SECRET });
    await recordAct(tx, THE_HOUSE, { action: 'password.reset', target, details: { issuedBy: userId } });
    const his = { kind: 'device', id: deviceId };
    await recordLook(tx, THE_HOUSE, { action: 'device.rows_read', target: his, details: { userId } });
  });
  await pool.query(
    `INSERT INTO invitations (id, email, role, token_hash, created_at, expires_at, accepted_at, accepted_by)
     VALUES (gen_random_uuid(), 'was@halo.example', 'reporter', $2, now(), now() + interval '1 day', now(), $1)`,
    [userId, secret],
  );
  await pool.query(
    `INSERT INTO password_resets (user_id, token_hash, issued_at, expires_at) VALUES ($1, $2, now(), now() + interval '1 day')`,
    [userId, secret],
  );
}

describe('somebody who wants to be forgotten', () => {
  it('is told all that is kept, and then nothing of him is left: in rows, ledger, log or for any reader', async () => {
    const { pool } = database;
    const readPath = await startReadPath(database);
    onTestFinished(() => readPath.remove());
    // What is written before its slot is there is in no log.
    await readPath.caughtUp();
    const account = await auth.login('forgotten');
    const device = new TestDevice(userOf(account));
    const elsewhere = { ...HERE, lat: 59.4 };
    const [shared, alone, withdrawn] = [HERE, elsewhere, elsewhere].map((location) =>
      device.report({ location, description: SECRET }),
    );
    await settle(neighbour, neighbour.report({ location: HERE }));
    await settle(device, shared!, alone!, withdrawn!);
    await settle(
      device,
      device.mutation('report.amend', {
        reportId: alone!.id,
        version: 1,
        changes: { description: `${SECRET}, amended` },
      }),
      device.mutation('report.withdraw', { reportId: withdrawn!.id }),
      device.mutation('comment.create', { reportId: shared!.id, body: SECRET }),
      device.mutation('watch.set', {
        name: SECRET,
        lat: HERE.lat,
        lon: HERE.lon,
        radiusM: 500,
        threshold: 0.5,
      }),
    );
    await entriesBesides(device.userId, device.id);
    // More than one transaction takes away.
    await pool.query(
      `INSERT INTO incident_transitions (id, incident_id, actor_id, from_state, to_state, note)
       SELECT gen_random_uuid(), incident_id, $1, 'unverified', 'verified', $2 FROM reports, generate_series(1, 60) WHERE id = $3`,
      [device.userId, SECRET, shared!.id],
    );
    await pool.query(`UPDATE users SET role = 'officer' WHERE id = $1`, [device.userId]);
    const exported = (await (await auth.get('/api/v1/auth/me/export', account.accessToken)).json()) as Record<
      string,
      unknown[]
    >;
    const counts = Object.fromEntries(Object.entries(exported).map(([kind, rows]) => [kind, rows.length]));
    expect(counts).toMatchObject({
      account: 1,
      devices: 1,
      reports: 3,
      reportVersions: 1,
      comments: 1,
      watches: 1,
      mutations: 7,
      sessions: 1,
      invitations: 1,
      passwordResets: 1,
      acts: 1,
      removals: 1,
    });
    expect(JSON.stringify(exported['reports'])).toContain(SECRET);

    expect(await (await erase({ password: 'not the password' }, account.accessToken)).json()).toMatchObject({
      code: 'password_wrong',
      field: 'password',
    });
    expect((await erase({ password: account.password }, account.accessToken)).status).toBe(202);
    auth.clock.advance(5_000);
    expect((await auth.get('/api/v1/auth/me', account.accessToken)).status).toBe(401);
    expect((await auth.post('/api/v1/auth/refresh', { refreshToken: account.refreshToken })).status).toBe(
      401,
    );

    await erasePerson({ pool, reports, newId: uuidv7 }, device.userId, new AbortController().signal);
    expect(await tablesWith(SECRET)).toEqual([]);
    // Or a restore would bring him back (decision 0070).
    expect(await tablesWith(device.userId)).toEqual(['removals']);
    const { rows: bare } = await pool.query('SELECT kind, role FROM removals WHERE user_id = $1', [
      device.userId,
    ]);
    expect(bare).toEqual([{ kind: 'forgotten', role: null }]);
    expect(await tablesWith(device.id)).toEqual([]);
    const decisions = await pool.query(
      `SELECT count(*)::int AS n FROM incident_transitions WHERE to_state = 'verified' AND actor_id IS NULL AND note = ''
         AND incident_id = (SELECT incident_id FROM reports WHERE id = $1)`,
      [shared!.id],
    );
    expect(decisions.rows).toEqual([{ n: 60 }]);
    const { rows } = await pool.query(
      `SELECT r.lat, r.lon, r.status, r.reporter_id, i.report_count FROM reports r JOIN incidents i ON i.id = r.incident_id
       WHERE r.id = ANY ($1) ORDER BY array_position($1, r.id)`,
      [[shared!.id, alone!.id, withdrawn!.id]],
    );
    expect(rows).toEqual([
      {
        ...publicPoint(HERE),
        status: 'active',
        reporter_id: null,
        report_count: expect.any(Number) as number,
      },
      { ...publicPoint(elsewhere), status: 'active', reporter_id: null, report_count: 1 },
      { ...publicPoint(elsewhere), status: 'withdrawn', reporter_id: null, report_count: 1 },
    ]);

    await readPath.caughtUp();
    const logged = () =>
      readdirSync(readPath.dir).some((file) => readFileSync(join(readPath.dir, file)).includes(SECRET));
    expect(logged()).toBe(true);
    await forgetErased(pool, readPath.log);
    expect(logged()).toBe(true);
    await forgetErased(pool, readPath.log, 0);
    expect(logged()).toBe(false);
    // And what comes afterwards is logged as ever.
    const before = readPath.log.position();
    await settle(neighbour, neighbour.report({ location: HERE }));
    await readPath.caughtUp();
    expect(readPath.log.covers({ kind: 'log', lsn: before, op: 'end' })).toBe(true);
  });

  it('is told of all of it, however much there is, each row once', async () => {
    const { pool } = database;
    const tokens = await begin();
    const userId = userOf(tokens);
    await pool.query(
      `INSERT INTO watches (id, user_id, name, lat, lon, radius_m, threshold)
       SELECT gen_random_uuid(), $1, 'Place ' || n, 59, 18, 100, 0.5 FROM generate_series(1, 1203) AS n`,
      [userId],
    );
    const answer = await auth.get('/api/v1/auth/me/export', tokens.accessToken);
    const exported = (await answer.json()) as Record<string, { name: string; id: string }[]>;
    expect(new Set(exported['watches']?.map(({ id }) => id)).size).toBe(1_203);
    expect(Object.keys(exported)).toEqual(
      expect.arrayContaining(['votes', 'rulings', 'requestKeys', 'mutations']),
    );
    const sizes: number[] = [];
    for await (const piece of exportPerson(pool, userId)) sizes.push(piece.split('"name"').length - 1);
    expect(Math.max(...sizes)).toBe(500);
  });

  it('leaves nothing behind that a request under way stores meanwhile', async () => {
    const { pool } = database;
    const tokens = await begin();
    const device = new TestDevice(userOf(tokens));
    await settle(device, device.report({ location: { ...HERE, lat: 61 } }));
    const late = await pool.connect();
    try {
      await late.query('BEGIN');
      await late.query('SELECT FROM devices WHERE id = $1 FOR UPDATE', [device.id]);
      await late.query(
        `INSERT INTO reports (id, source, reporter_id, device_id, type, severity, occurred_at, description, lat, lon, accuracy_m,
           location_precision) VALUES ($1, 'user', $2, $3, 'theft', 3, now(), $4, 61.00001, 18.00001, 5, 'point')`,
        [uuidv7(), device.userId, device.id, `late ${SECRET}`],
      );
      const erasing = erasePerson(
        { pool, reports, newId: uuidv7 },
        device.userId,
        new AbortController().signal,
      );
      await eventually(async () => {
        const { rows } = await pool.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows[0]?.n === 1;
      });
      await late.query('COMMIT');
      expect(await erasing).toBe(true);
    } finally {
      late.release(true);
    }
    expect(await tablesWith(`late ${SECRET}`)).toEqual([]);
  });

  it('is not the last operator', async () => {
    const account = await auth.login('operator');
    await database.pool.query(`UPDATE users SET role = 'operator' WHERE id = $1`, [userOf(account)]);
    expect(await (await erase({ password: account.password }, account.accessToken)).json()).toMatchObject({
      code: 'last_operator',
    });
  });

  it('needs no password where there is none', async () => {
    const tokens = await begin();
    expect((await erase({}, tokens.accessToken)).status).toBe(202);
  });

  it('may be somebody with more reports than are forgotten at once, in incidents of others', async () => {
    const { pool } = database;
    const tokens = await begin();
    const device = new TestDevice(userOf(tokens));
    const many = Array.from({ length: 60 }, (_, n) =>
      device.report({ location: { ...HERE, lat: 60 + n / 50 } }),
    );
    await settle(device, ...many);
    await inTransaction(pool, (tx) => writer.withdraw(tx, many[0]!.id));
    await erasePerson({ pool, reports, newId: uuidv7 }, device.userId, new AbortController().signal);
    expect(await tablesWith(device.userId)).toEqual(['removals']);
  });
});

/** The tables of which some row holds a text anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const { pool } = database;
  const { rows } = await pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await pool.query(
      `SELECT FROM "${name}" t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%' LIMIT 1`,
      [text],
    );
    if (rowCount !== 0) found.push(name);
  }
  return found;
}
