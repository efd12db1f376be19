import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureFirstOperator } from '../../server/auth/first-operator.ts';
import { createPasswords } from '../../server/auth/passwords.ts';
import { createClosers } from '../../server/compose/closers.ts';
import { loadConfig } from '../../server/config/config.ts';
import { readArguments } from '../../server/operator/arguments.ts';
import { runReset } from '../../server/operator/reset.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createTestAuth, movableClock } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase, useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const EMAIL = 'boss@halo.example';
const FIRST_PASSWORD = 'the one that is lost';
const logger = createLogger('silent');

let database: TestDatabase;
let auth: TestAuth;
beforeAll(async () => {
  database = await createTestDatabase();
  auth = await createTestAuth(database, movableClock());
  await ensureFirstOperator(database.pool, await createPasswords(), EMAIL, FIRST_PASSWORD);
});
afterAll(async () => {
  auth.remove();
  await database.drop();
});

/** What `npm run operator -- --reset EMAIL` says on a database. */
async function reset(email: string, url = database.url): Promise<string> {
  const said: string[] = [];
  const closers = createClosers(logger);
  const config = loadConfig({ DATABASE_URL: url, PORT: '3210' });
  const parts = { config, logger, closers, say: (text: string) => void said.push(text) };
  await runReset(email, parts).finally(() => closers.closeAll());
  return said.join('\n');
}

const secretIn = (said: string) => /^ {2}(halo_rst_[\w-]{43})$/m.exec(said)![1]!;
const login = (password: string) => auth.post('/api/v1/auth/login', { email: EMAIL, password });
const useSecret = (token: string, password: string) =>
  auth.post('/api/v1/auth/password-reset', { token, password });

async function entriesOf(email: string) {
  const { rows } = await database.pool.query(
    `SELECT actor_id, actor_kind, action, outcome, details - 'expiresAt' AS details FROM audit_log
     WHERE target_id = (SELECT id::text FROM users WHERE email = $1) ORDER BY at, id`,
    [email],
  );
  return rows as Record<string, unknown>[];
}

it('what it was asked for', () => {
  expect(readArguments(['--reset', EMAIL])).toEqual({ reset: EMAIL });
  expect(readArguments(['--help'])).toBeUndefined();
  for (const args of [
    [],
    ['--reset'],
    ['--reset', ' '],
    [EMAIL],
    ['--reset', EMAIL, 'x'],
    ['--password', 'x'],
  ])
    expect(() => readArguments(args), args.join(' ')).toThrowError(
      expect.objectContaining({ code: 'operator_usage' }),
    );
});

it('lets the only operator, who has lost the password, in again, and writes down that the house did', async () => {
  const said = await reset(` ${EMAIL.toUpperCase()} `);
  expect(said).toContain('http://localhost:3210/api/v1/auth/password-reset');
  const newest = await reset(EMAIL);
  const password = 'another that is kept';
  expect((await login(FIRST_PASSWORD)).status, 'the old one is good until then').toBe(200);
  expect((await useSecret(secretIn(said), password)).status, 'a newer one took its place').toBe(400);
  const used = await useSecret(secretIn(newest), password);
  expect([used.status, await used.json()]).toEqual([200, { ended: 1 }]);
  expect((await useSecret(secretIn(newest), password)).status).toBe(400);
  expect([(await login(FIRST_PASSWORD)).status, (await login(password)).status]).toEqual([401, 200]);

  const byHouse = { actor_id: null, actor_kind: 'system', outcome: 'done' };
  const issued = { ...byHouse, action: 'password.reset_issued', details: { by: 'command' } };
  expect(await entriesOf(EMAIL)).toMatchObject([
    { ...byHouse, action: 'operator.first_made' },
    issued,
    issued,
    { action: 'password.reset', actor_kind: 'account', details: { issuedBy: null } },
  ]);
  const { rows } = await database.pool.query<{ all: string }>('SELECT audit_log::text AS all FROM audit_log');
  expect(rows.map(({ all }) => all).join()).not.toContain('halo_rst_');
});

it('resets nobody’s password but an operator’s, and says who is one', async () => {
  const hint = `Operators with a password here: ${EMAIL}.`;
  await expect(reset('nobody@halo.example')).rejects.toMatchObject({ code: 'user_not_found', hint });
  const { email } = await auth.login('reporter');
  await expect(reset(email)).rejects.toMatchObject({ code: 'not_operator', hint });
  const set = (columns: string) =>
    database.pool.query(`UPDATE users SET ${columns} WHERE email = $1`, [email]);
  await set(`role = 'operator', disabled_at = now()`);
  await expect(reset(email)).rejects.toMatchObject({ code: 'user_disabled' });
  await set('erasing_at = now()');
  await expect(reset(email)).rejects.toMatchObject({ code: 'user_erasing' });
  expect((await entriesOf(email)).map(({ outcome, details }) => [outcome, details])).toEqual(
    ['not_operator', 'user_disabled', 'user_erasing'].map((code) => ['refused', { by: 'command', code }]),
  );
  const { rows } = await database.pool.query('SELECT FROM password_resets');
  expect(rows).toHaveLength(0);
});

it('says that a database has kept no accounts yet', async () => {
  const { url } = await useTestDatabase({ migrate: false });
  await expect(reset(EMAIL, url)).rejects.toMatchObject({ code: 'database_unused' });
});
