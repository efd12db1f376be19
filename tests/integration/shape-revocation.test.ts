import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { expect, it, onTestFinished } from 'vitest';
import type { Caller, OpenSessions, RequireCaller } from '../../server/auth/identity.ts';
import { createTestAuth } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServer } from '../support/shape-server.ts';

const INCIDENTS = '/v1/shapes/incidents';

interface Setting {
  readonly database: TestDatabase;
  /** Another instance, on which people log in and out. */
  readonly elsewhere: TestAuth;
  readonly server: ShapeServer;
  /** Requests that are open on the server. */
  open(): number;
  /** Lets the tokens of later requests run out so long after them. */
  expireAfter(ms: number): void;
  /** Holds up what asks for a session before news are given. */
  beforeConfirm: (caller: Caller) => Promise<void>;
}

/** The shape endpoint behind real accounts. */
async function start(catalog: ReadonlyMap<string, ShapeDefinition> = CATALOG): Promise<Setting> {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01']);
  const [elsewhere, here] = [await createTestAuth(database), await createTestAuth(database)];
  onTestFinished(() => [elsewhere, here].forEach((auth) => auth.remove()));
  let open = 0;
  const openSessions: OpenSessions = {
    async confirm(caller) {
      const now = await here.openSessions.confirm(caller);
      await setting.beforeConfirm(caller);
      return now;
    },
    watch(caller, onChange) {
      const unwatch = here.openSessions.watch(caller, onChange);
      open += 1;
      return () => {
        open -= 1;
        unwatch();
      };
    },
  };
  let lifeMs: number | undefined;
  const requireCaller: RequireCaller = (roles) => {
    const check = here.requireCaller(roles);
    return (c, next) =>
      check(c, async () => {
        const expiresAt = new Date(Date.now() + (lifeMs ?? 0));
        if (lifeMs !== undefined) c.set('caller', { ...c.get('caller'), expiresAt });
        await next();
      });
  };
  const server = await startShapeServer(database, { catalog, auth: { requireCaller, openSessions } });
  onTestFinished(() => server.stop());
  const setting: Setting = {
    database,
    elsewhere,
    server,
    open: () => open,
    expireAfter: (ms) => void (lifeMs = ms),
    beforeConfirm: () => Promise.resolve(),
  };
  return setting;
}

function ask(server: ShapeServer, accessToken: string, query: Record<string, string>): Promise<Response> {
  const search = new URLSearchParams({ region: '01', ...query }).toString();
  return fetch(`${server.url}${INCIDENTS}?${search}`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
}

/** Opens a long poll of somebody who has everything; `poll` settles with its answer. */
async function openPoll(
  { server }: Setting,
  accessToken: string,
): Promise<{ readonly poll: Promise<{ status: number; text: string }> }> {
  const first = await ask(server, accessToken, { offset: '-1' });
  expect(first.status).toBe(200);
  await first.text();
  const [offset, handle] = ['electric-offset', 'electric-handle'].map((name) => first.headers.get(name)!);
  const answer = ask(server, accessToken, { offset: offset!, handle: handle!, live: 'true' });
  const poll = answer.then(async (response) => ({ status: response.status, text: await response.text() }));
  await eventually(() => server.engine.status().waiting === 1);
  return { poll };
}

const manyIncidents = (count: number) => `
  INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region,
                         report_count, reporter_count)
  SELECT gen_random_uuid(), 'theft', 3, 0.5, now(), 59, 18, 'municipality', '01', 1, 1
    FROM generate_series(1, ${count})`;
const logOut = ({ elsewhere }: Setting, refreshToken: string) =>
  elsewhere.post('/api/v1/auth/logout', { refreshToken });
const disable = ({ database }: Setting, email: string) =>
  database.pool.query('UPDATE users SET disabled_at = now() WHERE email = $1', [email]);

async function disableByOperator({ database, elsewhere }: Setting, email: string): Promise<void> {
  const operator = await elsewhere.login('operator');
  await database.pool.query(`UPDATE users SET role = 'operator' WHERE email = $1`, [operator.email]);
  const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [
    email,
  ]);
  const answer = await elsewhere.app.request(`/api/v1/admin/users/${rows[0]!.id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${operator.accessToken}` },
    body: JSON.stringify({ state: 'disabled', reason: 'He left' }),
  });
  expect(answer.status).toBe(200);
}

it.each(['logged out on another instance', 'disabled in the database', 'disabled by an operator elsewhere'])(
  'invariant 8: an open long poll gives nothing that came after its user was %s',
  async (how) => {
    const setting = await start();
    const { accessToken, refreshToken, email } = await setting.elsewhere.login();
    const { poll } = await openPoll(setting, accessToken);
    if (how.startsWith('logged')) await logOut(setting, refreshToken);
    else if (how.endsWith('database')) await disable(setting, email);
    else await disableByOperator(setting, email);
    const id = await insertIncident(setting.database.pool, { region: '01' });
    const { status, text } = await poll;
    expect([status, JSON.parse(text)]).toMatchObject([401, { code: 'session_revoked' }]);
    expect(text).not.toContain(id);
    expect(setting.open()).toBe(0);
  },
);

it.each([false, true])(
  'invariant 8: a stream of events ends with its session (with news after that: %s), having given nothing later',
  async (withNews) => {
    const setting = await start();
    const { accessToken, refreshToken } = await setting.elsewhere.login();
    const first = await ask(setting.server, accessToken, { offset: 'now' });
    await first.text();
    const [offset, handle] = ['electric-offset', 'electric-handle'].map((name) => first.headers.get(name)!);
    const query = { offset: offset!, handle: handle!, live: 'true', live_sse: 'true' };
    const stream = await ask(setting.server, accessToken, query);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    const pieces = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    const seen = await insertIncident(setting.database.pool, { region: '01' });
    expect((await pieces.read()).value).toContain(seen);
    await logOut(setting, refreshToken);
    if (withNews) await insertIncident(setting.database.pool, { region: '01' });
    // Ended between two answers or cut where it waited: either way nothing more came.
    const after = await pieces.read().catch((): { value?: string } => ({}));
    expect(after.value).toBeUndefined();
    await eventually(() => expect(setting.open()).toBe(0));
    expect((await ask(setting.server, accessToken, query)).status).toBe(401);
  },
);

it('invariant 8: an open long poll ends by itself soon after its session has', async () => {
  const setting = await start();
  const { accessToken, refreshToken } = await setting.elsewhere.login();
  const { poll } = await openPoll(setting, accessToken);
  await logOut(setting, refreshToken);
  const { status, text } = await poll;
  expect([status, JSON.parse(text)]).toMatchObject([401, { code: 'session_revoked' }]);
  expect(setting.server.engine.status().waiting).toBe(0);
});

it('invariant 8: an open long poll gives nothing that its user’s new role may not read', async () => {
  const incidents: ShapeDefinition = { ...CATALOG.get('incidents')!, readers: ['officer'] };
  const setting = await start(new Map([['incidents', incidents]]));
  const { accessToken, email } = await setting.elsewhere.login();
  const setRole = (role: string) =>
    setting.database.pool.query('UPDATE users SET role = $2::user_role WHERE email = $1', [email, role]);
  await setRole('officer');
  const { poll } = await openPoll(setting, accessToken);
  await setRole('reporter');
  const id = await insertIncident(setting.database.pool, { region: '01' });
  const { status, text } = await poll;
  expect([status, JSON.parse(text)]).toMatchObject([403, { code: 'forbidden' }]);
  expect(text).not.toContain(id);
});

it('invariant 8: an open long poll gives no news when the token runs out while its session is asked for', async () => {
  const setting = await start();
  const { accessToken } = await setting.elsewhere.login();
  setting.expireAfter(2_000);
  const { poll } = await openPoll(setting, accessToken);
  setting.beforeConfirm = (caller) =>
    new Promise((resolve) => setTimeout(resolve, caller.expiresAt.getTime() - Date.now() + 50));
  // More than is sent at once.
  await setting.database.pool.query(manyIncidents(200));
  const { status, text } = await poll;
  expect([status, JSON.parse(text)]).toMatchObject([401, { code: 'token_expired' }]);
  expect(setting.open()).toBe(0);
});

it('lets news through to a session that holds', async () => {
  const setting = await start();
  const { accessToken } = await setting.elsewhere.login();
  const { poll } = await openPoll(setting, accessToken);
  const id = await insertIncident(setting.database.pool, { region: '01' });
  const { status, text } = await poll;
  expect(status).toBe(200);
  expect(text).toContain(id);
  expect(setting.open()).toBe(0);
});

it.each(['the session has ended', 'the token has run out'])(
  'invariant 8: a body that is being sent is cut when %s',
  async (why) => {
    const setting = await start();
    await setting.database.pool.query(manyIncidents(25_000));
    const { accessToken, refreshToken } = await setting.elsewhere.login();
    const whole = await (await ask(setting.server, accessToken, { offset: '-1' })).arrayBuffer();
    expect(whole.byteLength).toBeGreaterThan(8 * 1024 * 1024);
    if (why === 'the token has run out') setting.expireAfter(3_000);
    // It does not fit into the buffers of a connection: most of it is sent only when it is read.
    const slowly = await ask(setting.server, accessToken, { offset: '-1' });
    expect([slowly.status, setting.open()]).toEqual([200, 1]);
    if (why === 'the session has ended') await logOut(setting, refreshToken);
    await eventually(() => setting.open() === 0);
    await expect(slowly.arrayBuffer()).rejects.toThrow();
  },
);
