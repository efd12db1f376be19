import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureFirstOperator } from '../../server/auth/first-operator.ts';
import type { CallerEnv } from '../../server/auth/identity.ts';
import { createPasswords } from '../../server/auth/passwords.ts';
import { loadSigningKey } from '../../server/auth/signing-key.ts';
import { createRouter } from '../../server/platform/router.ts';
import { createTestAuth, movableClock } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let auth: TestAuth;
beforeAll(async () => {
  database = await createTestDatabase();
  auth = await createTestAuth(database, movableClock(), (requireCaller) => {
    const router = createRouter<CallerEnv>();
    router.get('/officers', requireCaller(['officer', 'operator']), (context) =>
      context.json(context.get('caller')),
    );
    return [router];
  });
});
afterAll(async () => {
  auth.remove();
  await database.drop();
});

const setRole = (email: string, role: string) =>
  database.pool.query('UPDATE users SET role = $2::user_role WHERE email = $1', [email, role]);

it('invariant 8: a role counts as it is now, not as the token says', async () => {
  const { email, accessToken } = await auth.login();
  const refused = await auth.get('/officers', accessToken);
  expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'forbidden' }]);

  await setRole(email, 'officer');
  auth.clock.advance(5_001);
  const allowed = await auth.get('/officers', accessToken);
  expect([allowed.status, await allowed.json()]).toMatchObject([200, { role: 'officer' }]);

  await setRole(email, 'reporter');
  auth.clock.advance(5_001);
  expect((await auth.get('/officers', accessToken)).status).toBe(403);
});

it.each([undefined, 'Basic YWRtaW46YWRtaW4=', 'Bearer', 'Bearer a b', 'bearer null'])(
  'does not take %j for a caller',
  async (authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const answer = await auth.app.request('/officers', { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({
      code: authorization === undefined ? 'token_missing' : 'token_invalid',
    });
  },
);

it('does not make a reporter operator because he registered the operator’s address first', async () => {
  const { email } = await auth.login('squatter');
  const made = ensureFirstOperator(database.pool, await createPasswords(), email, undefined);
  await expect(made).rejects.toMatchObject({ code: 'admin_email_taken', field: 'HALO_ADMIN_EMAIL' });
  const { rows } = await database.pool.query('SELECT role::text FROM users WHERE email = $1', [email]);
  expect(rows).toEqual([{ role: 'reporter' }]);
});

it('makes one first operator when instances start at once', async () => {
  const passwords = await createPasswords();
  const made = await Promise.all(
    Array.from({ length: 5 }, () =>
      ensureFirstOperator(database.pool, passwords, 'boss@localhost', undefined),
    ),
  );
  expect(made.filter((operator) => operator !== undefined)).toHaveLength(1);
});

it('keeps its private key to itself, whole, and for the next start', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-keys-'));
  const first = await loadSigningKey(dir, database.pool);
  const file = join(dir, 'keys', 'signing-key.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(dir, 'keys')).mode & 0o777).toBe(0o700);
  writeFileSync(`${file}.new`, '{"half of a k');
  expect((await loadSigningKey(dir, database.pool)).kid).toBe(first.kid);

  rmSync(file);
  const second = await loadSigningKey(dir, database.pool);
  expect(second.kid, 'what a crash left behind is no key').not.toBe(first.kid);
  const { rows } = await database.pool.query<{ jwk: string }>(
    'SELECT public_jwk::text AS jwk FROM signing_keys WHERE kid = ANY($1)',
    [[first.kid, second.kid]],
  );
  expect(rows).toHaveLength(2);
  for (const { jwk } of rows) expect(JSON.parse(jwk)).not.toHaveProperty('d');
  rmSync(dir, { recursive: true, force: true });
});

it('clears away sessions that ran out or are too many', async () => {
  const { email, password } = await auth.login('busy');
  await database.pool.query(
    `INSERT INTO sessions (id, user_id, created_at, expires_at)
     SELECT gen_random_uuid(), u.id, $2::timestamptz - interval '40 days', $2::timestamptz + n * interval '1 hour'
       FROM users u, generate_series(-50, 150) n WHERE u.email = $1`,
    [email, auth.clock.now()],
  );
  expect((await auth.post('/api/v1/auth/login', { email, password })).status).toBe(200);
  const { rows } = await database.pool.query<{ n: number; dead: number }>(
    `SELECT count(*)::int AS n, count(*) FILTER (WHERE s.expires_at <= $2)::int AS dead
       FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1`,
    [email, auth.clock.now()],
  );
  expect(rows).toEqual([{ n: 100, dead: 0 }]);
});
