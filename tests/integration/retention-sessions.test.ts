import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import { createLogger } from '../../server/platform/logger.ts';
import type { RetentionPolicy } from '../../server/privacy/retention/policy.ts';
import { sessionPolicies } from '../../server/privacy/retention/session-policies.ts';
import { sweep } from '../../server/privacy/retention/sweep.ts';
import { dueTable } from '../../server/retention/due-table.ts';
import { createTestAuth, movableClock } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const DAY_MS = 86_400_000;
const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };

let database: TestDatabase;
let auth: TestAuth;
beforeAll(async () => {
  database = await createTestDatabase();
  auth = await createTestAuth(database, movableClock());
  await addUsers(database.pool, 1);
});
afterAll(async () => {
  auth.remove();
  await database.drop();
});

const later = (days: number) => new Date(auth.clock.now().getTime() + days * DAY_MS);
const begin = async () => (await (await auth.post('/api/v1/auth/anonymous', {})).json()) as Tokens;
const userOf = ({ accessToken }: Tokens) => String(decodeJwt(accessToken).sub);
const refresh = async ({ refreshToken }: Tokens) => {
  const answer = await auth.post('/api/v1/auth/refresh', { refreshToken });
  return { status: answer.status, ...((await answer.json()) as Tokens & { code?: string }) };
};
const count = async (from: string, values: unknown[] = []) => {
  const { rows } = await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`, values);
  return rows[0]!.n;
};

/** Rows that were forgotten so many days from now, by policy. */
async function forgotten(days: number, policies: readonly RetentionPolicy[] = sessionPolicies()) {
  const swept = await sweep(
    {
      pool: database.pool,
      policies,
      now: later(days),
      maxMs: Infinity,
      monotonicMs: () => 0,
      sleep: () => Promise.resolve(),
      logger: createLogger('silent'),
    },
    () => {},
    new AbortController().signal,
  );
  return Object.fromEntries(swept.map(({ name, rows }) => [name, rows]));
}

it('sessions that ran out go with their refresh tokens, and who never came back goes where he left nothing', async () => {
  const { pool } = database;
  const known = await auth.login('known');
  const [silent, watching, reporting] = [await begin(), await begin(), await begin()];
  const [watcher, reporter] = [new TestDevice(userOf(watching)), new TestDevice(userOf(reporting))];
  const report = reporter.report({ location: HERE });
  await reporter.settle(createInstance(pool), [report]);
  const watch = watcher.mutation('watch.set', {
    name: 'Home',
    lat: 59,
    lon: 18,
    radiusM: 500,
    threshold: 0.5,
  });
  await watcher.settle(createInstance(pool), [watch]);
  const exchanged = await refresh(silent);
  expect(exchanged.status).toBe(200);
  expect(await count('watches')).toBe(1);

  // Sessions run out after 60 days without use; they are kept for 30 more.
  expect(await forgotten(89)).toEqual({ sessions: 0, strangers: 0 });
  expect(await dueTable(pool, sessionPolicies(), later(91))).toMatch(/^sessions +30 days +4 due/m);
  expect(await forgotten(91)).toEqual({ sessions: 4, strangers: 2 });
  expect(await count('sessions')).toBe(0);
  expect(await count('refresh_tokens')).toBe(0);
  expect(await count('watches')).toBe(0);
  expect(await count('users WHERE id = $1', [userOf(silent)]), 'nothing is left of him').toBe(0);
  expect(await count('users WHERE id = $1', [watcher.userId]), 'a resend has its answer').toBe(1);
  expect(await count('reports WHERE reporter_id = $1', [reporter.userId]), 'his report is his').toBe(1);
  expect(await count('users WHERE id = $1', [userOf(known)]), 'an account logs in again').toBe(1);
  expect(await count('removals'), 'a restore has nothing to repeat').toBe(0);
  // Nothing is done twice, and whoever comes with a token of such a session hears what he would have heard.
  expect(await forgotten(91)).toEqual({ sessions: 0, strangers: 0 });
  auth.clock.advance(61 * DAY_MS);
  for (const tokens of [known, silent, exchanged, watching])
    expect(await refresh(tokens)).toMatchObject({ status: 401, code: 'refresh_invalid' });
  const again = await auth.post('/api/v1/auth/login', { email: known.email, password: known.password });
  expect(again.status).toBe(200);
});

it('a session that another issuer has begun anew since it was looked for stays, and so does its person', async () => {
  const tokens = await begin();
  const userId = userOf(tokens);
  const [sessions, strangers] = sessionPolicies() as [RetentionPolicy, RetentionPolicy];
  const revived: RetentionPolicy = {
    ...sessions,
    async due(pool, before, limit, after) {
      const due = await sessions.due(pool, before, limit, after);
      await pool.query(`UPDATE sessions SET expires_at = $2 WHERE user_id = $1`, [userId, later(200)]);
      return due;
    },
  };
  expect(await forgotten(100, [revived, strangers])).toMatchObject({ strangers: 0 });
  expect(await count('sessions WHERE user_id = $1', [userId])).toBe(1);
  expect(await count('users WHERE id = $1', [userId])).toBe(1);
});

it('who wants to be forgotten, or has just begun, is no stranger', async () => {
  const { pool } = database;
  const [leaving, fresh] = [userOf(await begin()), userOf(await begin())];
  await pool.query('DELETE FROM sessions WHERE user_id = ANY ($1)', [[leaving, fresh]]);
  await pool.query(
    `UPDATE users SET erasing_at = now(), created_at = created_at - interval '1 year' WHERE id = $1`,
    [leaving],
  );
  // The tests before have moved the clock; Postgres's own has stood still.
  expect(await forgotten(-61)).toMatchObject({ strangers: 0 });
  expect(await count('users WHERE id = ANY ($1)', [[leaving, fresh]])).toBe(2);
});
