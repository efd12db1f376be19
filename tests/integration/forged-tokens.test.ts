import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CallerEnv } from '../../server/auth/identity.ts';
import { makeServiceToken } from '../../server/auth/service-tokens/make-service-token.ts';
import { FORGERIES_PER_ADDRESS } from '../../server/compose/rate-limits.ts';
import { guardMetrics } from '../../server/http/guard-metrics.ts';
import { limitForgeries } from '../../server/http/limit-forgeries.ts';
import { answerProblem } from '../../server/http/problem.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { limitInMemory } from '../../server/platform/rate-limit.ts';
import { createTestAuth } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';

describe('the bound on forged tokens', () => {
  it('refuses those of an address that has brought too many, and serves its good ones', async () => {
    const database = await useTestDatabase();
    const auth = await createTestAuth(database);
    onTestFinished(() => auth.remove());
    const { accessToken: good } = await auth.login();
    const { requests } = FORGERIES_PER_ADDRESS;
    const app = new Hono<CallerEnv>();
    app.onError((error, context) => answerProblem(error, context, createLogger('silent')));
    const limit = limitInMemory({ name: 'forgeries', requests, durationS: 3_600 });
    const isUnknown = (header: string) => auth.identify.isUnknown(header);
    app.use(limitForgeries(limit, (c) => c.req.header('from') ?? '', isUnknown));
    app.get('/', auth.requireCaller(), (c) => c.text('served'));
    const ask = async (token: string, from = 'here') =>
      (await app.request('/', { headers: { from, authorization: `Bearer ${token}` } })).status;
    const [head, payload] = good.split('.') as [string, string];
    const forged = `${head}.${payload}.${'A'.repeat(86)}`;
    const answers = new Map<number, number>();
    for (let n = 0; n < 400; n += 1) {
      const status = await ask(forged);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    expect([...answers]).toEqual([
      [401, requests],
      [429, 400 - requests],
    ]);
    expect(await ask(good)).toBe(200);
    expect(await ask(forged, 'there')).toBe(401);
    // Who brings none is not kept out by what others bring, nor is who brings one that ran out.
    expect((await app.request('/', { headers: { from: 'here' } })).status).toBe(401);
    auth.clock.advance(3_600_000);
    expect([await ask(good), await ask(forged)]).toEqual([401, 429]);
  });

  it('counts none that ran out', async () => {
    const app = new Hono();
    app.onError((error, context) => answerProblem(error, context, createLogger('silent')));
    const limit = limitInMemory({ name: 'forgeries', requests: 1, durationS: 3_600 });
    app.use(
      limitForgeries(
        limit,
        () => 'here',
        () => false,
      ),
    );
    app.get('/:code', (c) => {
      throw new HaloError(c.req.param('code'), 'No.', { status: 401 });
    });
    const ask = async (code: string) => (await app.request(`/${code}`)).status;
    for (let n = 0; n < 5; n += 1) expect(await ask('token_expired')).toBe(401);
    expect([await ask('token_invalid'), await ask('token_invalid'), await ask('session_revoked')]).toEqual([
      401, 429, 401,
    ]);
  });

  it('has Postgres asked about no more service tokens that nobody knows, and about those that were good', async () => {
    const known = new Set(['Bearer known']);
    let looked = 0;
    const app = new Hono();
    app.onError((error, context) => answerProblem(error, context, createLogger('silent')));
    const limit = limitInMemory({ name: 'forgeries', requests: 2, durationS: 60 });
    app.use(
      limitForgeries(
        limit,
        () => 'here',
        (header) => !known.has(header),
      ),
    );
    app.get('/', (c) => {
      looked += 1;
      if (known.has(c.req.header('authorization') ?? '')) return c.text('served');
      throw new HaloError('token_invalid', 'No.', { status: 401 });
    });
    const ask = async (token: string) =>
      (await app.request('/', { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await ask('x'), await ask('y'), await ask('z'), await ask('known')]).toEqual([
      401, 401, 429, 200,
    ]);
    expect(looked).toBe(3);
  });

  it('tells service tokens that were good from those that nobody has seen, and neither from tokens that tell themselves', async () => {
    const database = await useTestDatabase();
    const auth = await createTestAuth(database);
    onTestFinished(() => auth.remove());
    const { accessToken } = await auth.login();
    const [row] = (await database.pool.query<{ id: string }>('SELECT id FROM users')).rows;
    await database.pool.query(`UPDATE users SET role = 'operator'`);
    const actor = await auth.identify.byToken(accessToken);
    expect(actor.userId).toBe(row?.id);
    const make = { name: 'Alarm centre', scopes: ['shapes:read' as const], expiresInDays: 1 };
    const { token } = await makeServiceToken(
      database.pool,
      { ...actor, role: 'operator' },
      make,
      auth.clock.now(),
    );
    const isUnknown = (text: string) => auth.identify.isUnknown(`Bearer ${text}`);
    expect([isUnknown(token), isUnknown(accessToken), auth.identify.isUnknown('nothing')]).toEqual([
      true,
      false,
      false,
    ]);
    await auth.identify.anyByHeader(`Bearer ${token}`);
    expect([isUnknown(token), isUnknown(`${token}x`)]).toEqual([false, true]);
  });

  it('has secrets of the operator guessed no more often than that, and serves tokens all the same', async () => {
    const database = await useTestDatabase();
    const auth = await createTestAuth(database);
    onTestFinished(() => auth.remove());
    const operator = await auth.login();
    await database.pool.query(`UPDATE users SET role = 'operator'`);
    const secret = 'the secret of the operator';
    const metricsToken = 'the-secret-of-the-metrics';
    const app = new Hono<CallerEnv>();
    app.onError((error, context) => answerProblem(error, context, createLogger('silent')));
    const limit = limitInMemory({ name: 'forgeries', requests: 2, durationS: 3_600 });
    const isUnknown = (header: string) => auth.identify.isUnknown(header);
    app.use(limitForgeries(limit, (c) => c.req.header('x-forwarded-for') ?? '', isUnknown));
    app.use(guardMetrics({ token: metricsToken }, auth.requireCaller));
    app.get('/metrics', (c) => c.text('counts'));
    // As the raw endpoint does, which knows nothing of tokens.
    app.get('/v1/shape', (c) => {
      const { secret: given, api_secret: older } = c.req.query();
      const isRight = [given, older, c.req.header('authorization')?.slice('Bearer '.length)].includes(secret);
      return isRight ? c.text('rows') : c.json({ message: 'Unauthorized' }, 401);
    });
    app.get('/mine', auth.requireCaller(), (c) => c.text('served'));
    const ask = async (path: string, bearer?: string, from = 'here') => {
      const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
      return (await app.request(path, { headers: { 'x-forwarded-for': from, ...authorization } })).status;
    };
    const right = encodeURIComponent(secret);
    const byRightOnes = async (from: string) => [
      await ask(`/v1/shape?secret=${right}`, undefined, from),
      await ask(`/v1/shape?api_secret=${right}`, undefined, from),
      await ask('/v1/shape', secret, from),
      await ask('/metrics', metricsToken, from),
    ];
    expect(await byRightOnes('here')).toEqual([200, 200, 200, 200]);
    expect([await ask('/v1/shape?secret=a'), await ask('/metrics', 'a-guess')]).toEqual([401, 401]);
    expect(await byRightOnes('here')).toEqual([429, 429, 429, 429]);
    expect(await byRightOnes('there')).toEqual([200, 200, 200, 200]);
    const { accessToken } = operator;
    expect([await ask('/mine', accessToken), await ask('/metrics', accessToken)]).toEqual([200, 200]);
  });
});
