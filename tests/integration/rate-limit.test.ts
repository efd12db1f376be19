import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import type { CallerEnv, RequireCaller } from '../../server/auth/identity.ts';
import { createLoginLimit, MAX_FAILED_LOGINS } from '../../server/auth/login-limit.ts';
import {
  ANONYMOUS_PER_ADDRESS,
  CHECKSUMS_PER_ACCOUNT,
  limitCallers,
  PASSWORD_CHANGES_PER_ACCOUNT,
  REGISTRATIONS_PER_ADDRESS,
  TAKEN_EMAILS_PER_ADDRESS,
} from '../../server/compose/rate-limits.ts';
import { createPool } from '../../server/db/pool.ts';
import { limitInPostgres } from '../../server/db/shared-rate-limit.ts';
import { answerProblem } from '../../server/http/problem.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { limitInMemory, UNLIMITED } from '../../server/platform/rate-limit.ts';
import { createTestAuth, NO_AUTH_LIMITS } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startRest } from './rest-support.ts';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';

const LOGIN = '/api/v1/auth/login';
const WRONG = 'not the password';

/** Of 60 seconds, less what it took to get here. */
const isAboutAMinute = (seconds: number) => seconds > 50 && seconds <= 60;

/** An instance that is asked from `address`. */
async function instance(database: TestDatabase, address: string): Promise<TestAuth> {
  const logins = createLoginLimit(database.pool);
  const limits = { ...NO_AUTH_LIMITS, addressOf: () => address, logins };
  const auth = await createTestAuth(database, undefined, undefined, limits);
  onTestFinished(() => auth.remove());
  return auth;
}

it('refuses to guess at a password over all instances, but from elsewhere the account can be used', async () => {
  const database = await useTestDatabase();
  const [one, two, elsewhere] = [
    await instance(database, '192.0.2.1'),
    await instance(database, '192.0.2.1'),
    await instance(database, '192.0.2.2'),
  ];
  const { email, password } = await one.login();
  const guesses = await Promise.all(
    Array.from({ length: MAX_FAILED_LOGINS + 8 }, (_, index) =>
      (index % 2 === 0 ? one : two).post(LOGIN, { email, password: WRONG }),
    ),
  );
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(MAX_FAILED_LOGINS);
  expect(guesses.filter(({ status }) => status === 429)).toHaveLength(8);

  const refused = await two.post(LOGIN, { email, password });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: 'rate_limited', status: 429 });
  expect((await elsewhere.post(LOGIN, { email, password })).status).toBe(200);
  await one.login('another');
  const { rows } = await database.pool.query<{ key: string }>('SELECT key FROM rate_limits');
  expect(rows.map(({ key }) => key).join()).not.toContain(email.split('@')[0]);
});

it('forgets the failures once a log-in has gone well', async () => {
  const database = await useTestDatabase();
  const auth = await instance(database, '192.0.2.1');
  const { email, password } = await auth.login();
  for (const round of [1, 2]) {
    for (let n = 1; n < MAX_FAILED_LOGINS; n += 1) {
      const guess = await auth.post(LOGIN, { email, password: WRONG });
      expect({ round, status: guess.status }).toEqual({ round, status: 401 });
    }
    expect((await auth.post(LOGIN, { email, password })).status).toBe(200);
  }
});

it('refuses to guess at a password where an account is erased or claimed, out of the same budget as log-ins', async () => {
  const database = await useTestDatabase();
  const [here, elsewhere] = [await instance(database, '192.0.2.1'), await instance(database, '192.0.2.2')];
  const { email, password, accessToken: token } = await here.login();
  const erase = async (auth: TestAuth, guess: string) =>
    auth.app.request('/api/v1/auth/me', {
      method: 'DELETE',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ password: guess }),
    });
  const guesses = await Promise.all(
    Array.from({ length: MAX_FAILED_LOGINS + 4 }, (_, n) =>
      n % 2 === 0 ? erase(here, WRONG) : here.post(LOGIN, { email, password: WRONG }),
    ),
  );
  const tried = guesses.map(({ status }) => status);
  expect(tried.filter((status) => status === 429)).toHaveLength(4);
  expect(new Set(tried)).toEqual(new Set([403, 401, 429]));
  const refused = await erase(here, password);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

  const anonymous = (await (await here.post('/api/v1/auth/anonymous', {})).json()) as Tokens;
  const claim = () =>
    here.post('/api/v1/auth/claim', { email, password, displayName: 'Taken' }, anonymous.accessToken);
  const claims = await Promise.all(Array.from({ length: MAX_FAILED_LOGINS + 2 }, claim));
  expect(claims.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(2);

  expect((await erase(elsewhere, password)).status).toBe(202);
});

it('makes few people without accounts for one address within an hour, and others for other addresses', async () => {
  const database = await useTestDatabase();
  let address = '192.0.2.1';
  const limits = {
    ...NO_AUTH_LIMITS,
    addressOf: () => address,
    people: limitInMemory(ANONYMOUS_PER_ADDRESS),
  };
  const auth = await createTestAuth(database, undefined, undefined, limits);
  onTestFinished(() => auth.remove());
  const begin = () => auth.post('/api/v1/auth/anonymous', {});
  for (let n = 0; n < ANONYMOUS_PER_ADDRESS.requests; n += 1) expect((await begin()).status).toBe(201);
  const refused = await begin();
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'rate_limited' }]);
  const retryAfterS = Number(refused.headers.get('retry-after'));
  expect(retryAfterS).toBeGreaterThan(0);
  expect(retryAfterS).toBeLessThanOrEqual(ANONYMOUS_PER_ADDRESS.durationS);
  await auth.login('of the same address');
  address = '192.0.2.2';
  expect((await begin()).status).toBe(201);
});

it('makes a bounded number of accounts for one address a day, registered or claimed, and others for other addresses', async () => {
  const database = await useTestDatabase();
  let address = '192.0.2.1';
  const registrations = limitInMemory({ ...REGISTRATIONS_PER_ADDRESS, requests: 3 });
  const limits = { ...NO_AUTH_LIMITS, addressOf: () => address, registrations };
  const auth = await createTestAuth(database, undefined, undefined, limits);
  onTestFinished(() => auth.remove());
  const account = (name: string) => ({
    email: `${name}@halo.example`,
    password: 'a long enough password',
    displayName: name,
  });
  const register = (name: string) => auth.post('/api/v1/auth/register', account(name));
  expect([(await register('one')).status, (await register('one')).status]).toEqual([201, 409]);
  const { accessToken: token } = (await (await auth.post('/api/v1/auth/anonymous', {})).json()) as Tokens;
  const claim = (name: string) => auth.post('/api/v1/auth/claim', account(name), token);
  expect((await claim('two')).status).toBe(200);
  for (const refused of [await register('three'), await claim('three')]) {
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'rate_limited' }]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  address = '192.0.2.2';
  expect((await register('three')).status).toBe(201);
});

it('tells an address a few times that an e-mail address has an account, and then nothing', async () => {
  const database = await useTestDatabase();
  let address = '192.0.2.1';
  const takenEmails = limitInMemory({ ...TAKEN_EMAILS_PER_ADDRESS, requests: 2 });
  const limits = { ...NO_AUTH_LIMITS, addressOf: () => address, takenEmails };
  const auth = await createTestAuth(database, undefined, undefined, limits);
  onTestFinished(() => auth.remove());
  const { email } = await auth.login('ann');
  const account = { email, password: 'a long enough password', displayName: 'Ann' };
  const register = async (input = account) => (await auth.post('/api/v1/auth/register', input)).status;
  const { accessToken: token } = (await (await auth.post('/api/v1/auth/anonymous', {})).json()) as Tokens;
  const claim = async () => (await auth.post('/api/v1/auth/claim', account, token)).status;
  const free = { ...account, email: 'nobody@halo.example' };
  expect([await register(), await register({ ...free, email: 'bo@halo.example' }), await claim()]).toEqual([
    409, 201, 409,
  ]);
  // Whether it has one or not.
  expect([await register(), await claim(), await register(free)]).toEqual([429, 429, 429]);
  address = '192.0.2.2';
  expect([await register(), await register(free)]).toEqual([409, 201]);
  // Many at once hear no more of it.
  address = '192.0.2.3';
  const atOnce = await Promise.all(Array.from({ length: 6 }, () => register()));
  expect(atOnce.toSorted()).toEqual([409, 409, 429, 429, 429, 429]);
});

it('a server whose registration is closed tells nobody who has an account, and takes reports without one', async () => {
  const database = await useTestDatabase();
  const server = await startServerProcess(database.url, { env: { HALO_REGISTRATION: 'closed' } });
  onTestFinished(() => stopServerProcess(server));
  const post = (path: string, body: unknown, token = '') =>
    fetch(`${server.url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
  const begun = await post('anonymous', {});
  expect(begun.status).toBe(201);
  const { accessToken: token } = (await begun.json()) as Tokens;
  for (const email of [OPERATOR.email, 'nobody@halo.example'])
    for (const path of ['register', 'claim']) {
      const input = { email, password: 'a long enough password', displayName: 'Ann' };
      const refused = await post(path, input, token);
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'registration_closed' }]);
    }
});

it('has one account change its password a bounded number of times, whatever is guessed meanwhile', async () => {
  const database = await useTestDatabase();
  const passwordChanges = limitInMemory({ ...PASSWORD_CHANGES_PER_ACCOUNT, requests: 2 });
  const auth = await createTestAuth(database, undefined, undefined, { ...NO_AUTH_LIMITS, passwordChanges });
  onTestFinished(() => auth.remove());
  const { password: first, accessToken: token } = await auth.login();
  const second = 'another long enough password';
  const change = async (currentPassword: string, newPassword: string) =>
    (await auth.post('/api/v1/auth/password', { currentPassword, newPassword }, token)).status;
  for (let n = 0; n < 4; n += 1) expect(await change(WRONG, second)).toBe(403);
  expect([await change(first, second), await change(second, first)]).toEqual([200, 200]);
  expect(await change(first, second)).toBe(429);
  const { rowCount } = await database.pool.query(
    `SELECT FROM audit_log WHERE action = 'password.changed' AND actor_id IS NOT NULL`,
  );
  expect(rowCount).toBe(2);
  const { password: other, accessToken } = await auth.login('another');
  const body = { currentPassword: other, newPassword: second };
  expect((await auth.post('/api/v1/auth/password', body, accessToken)).status).toBe(200);
});

it('bounds what one account asks, and no other', async () => {
  const asHeaderSays: RequireCaller = () => async (context, next) => {
    const userId = context.req.header('x-user') ?? '';
    context.set('caller', { userId, role: 'reporter', sessionId: 's', expiresAt: new Date() });
    await next();
  };
  const limited = limitCallers(asHeaderSays, limitInMemory({ name: 'test', requests: 2, durationS: 60 }));
  const app = new Hono<CallerEnv>();
  app.onError((error, context) => answerProblem(error, context, createLogger('silent')));
  app.get('/', limited(), (context) => context.text('answered'));
  const ask = async (user: string) => (await app.request('/', { headers: { 'x-user': user } })).status;
  expect([await ask('ann'), await ask('ann'), await ask('ann'), await ask('bob')]).toEqual([
    200, 200, 429, 200,
  ]);
});

it.each([
  [{}, 429],
  [{ HALO_RATE_LIMIT: 'off' }, 401],
])(
  'the server with %j answers one guess too many with %i, and bounds checksums or does not',
  async (env, expected) => {
    const database = await useTestDatabase();
    const server = await startServerProcess(database.url, { env });
    try {
      await askForChecksums(server.url, expected === 429);
      const guess = () =>
        fetch(`${server.url}${LOGIN}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email: 'nobody@halo.example', password: WRONG }),
        });
      const statuses = new Set<number>();
      for (let n = 0; n < MAX_FAILED_LOGINS; n += 1) statuses.add((await guess()).status);
      expect([...statuses]).toEqual([401]);
      const last = await guess();
      expect(last.status).toBe(expected);
      if (expected === 429) expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await stopServerProcess(server);
    }
  },
);

/** One account asks for more checksums than it may; another, and what else the first one asks, must feel nothing of it. */
async function askForChecksums(url: string, areBounded: boolean): Promise<void> {
  const open = async (name: string) => accessToken(url, await registerAccount(url, name));
  const [ann, bob] = [await open('ann'), await open('bob')];
  const ask = (token: string, path: string) =>
    fetch(`${url}/v1/shapes/my_watches${path}`, { headers: { authorization: `Bearer ${token}` } });
  const read = await ask(ann, '?offset=-1');
  // A position that is none costs the server no reading of the shape, and is counted all the same.
  const asked = Array.from({ length: CHECKSUMS_PER_ACCOUNT.requests }, () =>
    ask(ann, '/checksum?offset=-1').then(({ status }) => status),
  );
  expect(new Set(await Promise.all(asked))).toEqual(new Set([400]));

  const place = (answer: Response) =>
    `/checksum?offset=${answer.headers.get('electric-offset')}&handle=${answer.headers.get('electric-handle')}`;
  // Anew each time: in the cluster of all tests what others write moves the present on, and a position may be too old at once.
  const countOf = async (token: string) => {
    const counted = await ask(token, place(await ask(token, '?offset=-1')));
    expect([counted.status, await counted.json()]).toMatchObject([200, { rows: 0 }]);
  };
  if (areBounded) {
    const last = await ask(ann, place(read));
    expect([last.status, last.headers.get('content-type')]).toEqual([429, 'application/problem+json']);
    const retryAfterS = Number(last.headers.get('retry-after'));
    expect(retryAfterS).toBeGreaterThan(0);
    expect(retryAfterS).toBeLessThanOrEqual(CHECKSUMS_PER_ACCOUNT.durationS);
    expect(await last.json()).toMatchObject({ code: 'rate_limited', status: 429 });
  } else await eventually(() => countOf(ann));
  expect((await ask(ann, '?offset=-1')).status).toBe(200);
  await eventually(() => countOf(bob));
}

it('lets an account count less often than read, and both without end where it is another', async () => {
  const { pool } = await useTestDatabase();
  const [reads, counts] = [4, 2].map((requests) =>
    limitInMemory({ name: `of ${requests}`, requests, durationS: 60 }),
  );
  const rest = await startRest(pool, {
    mutations: UNLIMITED,
    devices: UNLIMITED,
    reads: reads!,
    counts: counts!,
  });
  const ask = async (path: string, times: number, who: 'ada' | 'bo' = 'ada') => {
    const statuses = [];
    for (let n = 0; n < times; n += 1) statuses.push((await rest.ask(who, 'GET', `/api/v1${path}`)).status);
    return statuses;
  };
  expect(await ask('/reports/stats', 1)).toEqual([200]);
  expect(await ask('/map/cells?bbox=17,59,18,60&resolution=7', 2)).toEqual([200, 429]);
  expect(await ask('/incidents', 5)).toEqual([200, 200, 200, 200, 429]);
  expect(await ask('/reports/stats', 1, 'bo')).toEqual([200]);
});

it('tells in headers what is left, and that nothing is, by account and by device', async () => {
  const { pool } = await useTestDatabase();
  const limit = (name: string, requests: number) => limitInMemory({ name, requests, durationS: 60 });
  const rest = await startRest(pool, {
    mutations: limit('mutations', 5),
    devices: limit('device', 2),
    reads: UNLIMITED,
    counts: UNLIMITED,
  });
  const send = async (who: 'ada' | 'bo', deviceId: string) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${rest.people[who]}` };
    const mutation = {
      seq: 1,
      id: '01936d2a-0000-7000-8000-00000000aaaa',
      type: 'watch.remove',
      createdAt: '2026-11-25T12:00:00Z',
      args: {},
    };
    const body = JSON.stringify({ deviceId, mutations: [mutation] });
    const answer = await rest.app.request('/v1/mutations', { method: 'POST', headers, body });
    return {
      status: answer.status,
      left: answer.headers.get('ratelimit'),
      of: answer.headers.get('ratelimit-policy'),
    };
  };
  const [mad, calm] = [crypto.randomUUID(), crypto.randomUUID()];
  const first = await send('ada', mad);
  expect(first.status).not.toBe(429);
  expect(first.of).toBe('"mutations";q=5;w=60, "device";q=2;w=60');
  expect(first.left).toMatch(/^"mutations";r=4;t=60, "device";r=1;t=60$/);
  await send('ada', mad);
  const third = await send('ada', mad);
  expect(third.status).toBe(429);
  expect(third.left).toMatch(/^"mutations";r=2;t=\d+, "device";r=0;t=\d+$/);
  // The person's other device goes on, and a device of the same id is another person's own affair.
  expect((await send('ada', calm)).status).not.toBe(429);
  expect((await send('bo', mad)).status).not.toBe(429);
});

it('counts over all instances in Postgres, and by itself while that is away', async () => {
  const database = await useTestDatabase();
  const bounds = { name: 'shared', requests: 3, durationS: 60 };
  const [one, two] = [limitInPostgres(database.pool, bounds), limitInPostgres(database.pool, bounds)];
  const first = await one.take('key');
  expect([first.remaining, isAboutAMinute(first.resetS)]).toEqual([2, true]);
  await two.take('key');
  await two.check('key');
  await one.take('key');
  await expect(two.check('key')).rejects.toMatchObject({ code: 'rate_limited' });
  const retryAfterS = expect.toSatisfy(isAboutAMinute) as number;
  await expect(two.take('key')).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfterS } });
  await two.take('another');

  const away = createPool('postgres://nobody@127.0.0.1:1/nothing', 1, createLogger('silent'));
  onTestFinished(() => away.end());
  const alone = limitInPostgres(away, bounds);
  for (let n = 0; n < bounds.requests; n += 1) await alone.take('key');
  await expect(alone.take('key')).rejects.toMatchObject({ code: 'rate_limited' });
  // Nobody is kept from logging in by what he tried while nobody could.
  const logins = createLoginLimit(away);
  for (let n = 0; n <= MAX_FAILED_LOGINS; n += 1)
    await expect(logins.take('key')).rejects.not.toMatchObject({ code: 'rate_limited' });
});
