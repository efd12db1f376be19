import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { uuidv7 } from 'uuidv7';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import { ensureExternalSession } from '../../server/auth/issuers/external-session.ts';
import { openStore } from '../../server/compose/backups.ts';
import { createPool } from '../../server/db/pool.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createRemovalsJob } from '../../server/operations/backups/removals/removals-job.ts';
import { newKey } from '../../server/operations/backups/seal.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createErasureJob } from '../../server/privacy/erasure-job.ts';
import { createReportAnonymiser } from '../../server/reports/anonymise.ts';
import { createTestAuth } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { ask, command } from '../support/backup-commands.ts';
import { useBucket } from '../support/bucket.ts';
import { createTestDatabase, useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';

const log = createLogger('silent');
const never = new AbortController().signal;
const REASON = 'a test of restores';

type Person = Tokens & { id: string; email: string; password: string };

async function useAuth(database: Pick<TestDatabase, 'pool'>): Promise<TestAuth> {
  const auth = await createTestAuth(database as TestDatabase);
  onTestFinished(() => auth.remove());
  return auth;
}

function useDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'halo-removals-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** People by what becomes of them after the backup, and an operator who does it. */
async function peopleOf({ pool }: Pick<TestDatabase, 'pool'>, auth: TestAuth) {
  const person = async (name: string, role = 'reporter'): Promise<Person> => {
    const made = await auth.login(name);
    const id = String(decodeJwt(made.accessToken).sub);
    await pool.query('UPDATE users SET role = $2::user_role WHERE id = $1', [id, role]);
    return { ...made, id };
  };
  return {
    boss: await person('boss', 'operator'),
    forgotten: await person('forgotten'),
    disabled: await person('disabled', 'operator'),
    demoted: await person('demoted', 'officer'),
    enabled: await person('enabled'),
    toAndFro: await person('toandfro'),
    same: await person('same', 'officer'),
  };
}
type People = Awaited<ReturnType<typeof peopleOf>>;

async function change(auth: TestAuth, { boss }: People, { id }: Person, what: object): Promise<void> {
  const answer = await auth.app.request(`/api/v1/admin/users/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${boss.accessToken}` },
    body: JSON.stringify({ ...what, reason: REASON }),
  });
  expect(answer.status).toBe(200);
}

async function forget(auth: TestAuth, { accessToken, password }: Person): Promise<void> {
  const answer = await auth.app.request('/api/v1/auth/me', {
    method: 'DELETE',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ password }),
  });
  expect(answer.status).toBe(202);
}

/** What is done after the backup. */
async function removeAll(auth: TestAuth, people: People): Promise<void> {
  await forget(auth, people.forgotten);
  await change(auth, people, people.disabled, { state: 'disabled' });
  await change(auth, people, people.demoted, { role: 'operator' });
  await change(auth, people, people.demoted, { role: 'reporter' });
  await change(auth, people, people.enabled, { state: 'active' });
  await change(auth, people, people.toAndFro, { state: 'disabled' });
  await change(auth, people, people.toAndFro, { state: 'active' });
}

async function erase(pool: Pool): Promise<void> {
  const parts = { pool, reports: createReportAnonymiser(), newId: uuidv7 };
  await createErasureJob(parts, log).run(never);
}

/** The job of a house whose commands these are. */
async function writeBooks(pool: Pool, { config }: ReturnType<typeof command>): Promise<void> {
  const store = await openStore(config.backups.place!);
  const { key } = config.backups;
  await createRemovalsJob({ db: pool, store, key, clock: systemClock, logger: log }).run(never);
}

/** That all is as it was made after the backup, in a database that was restored from it. */
async function expectRepeated(pool: Pool, people: People): Promise<void> {
  const auth = await useAuth({ pool });
  const login = async ({ email, password }: Person) => auth.post('/api/v1/auth/login', { email, password });
  const refresh = async ({ refreshToken }: Person) =>
    (await auth.post('/api/v1/auth/refresh', { refreshToken })).status;
  expect((await login(people.forgotten)).status).toBe(401);
  expect(await refresh(people.forgotten)).toBe(401);
  await erase(pool);
  const left = await pool.query('SELECT FROM users WHERE id = $1 OR email = $2', [
    people.forgotten.id,
    people.forgotten.email,
  ]);
  expect(left.rowCount).toBe(0);
  expect((await login(people.disabled)).status).toBe(401);
  expect(await refresh(people.disabled)).toBe(401);
  // Enabled again, but what was ended when it was disabled does not come back.
  expect(await refresh(people.toAndFro)).toBe(401);
  expect(await refresh(people.same)).toBe(200);
  for (const [person, role] of [
    [people.demoted, 'reporter'],
    [people.enabled, 'reporter'],
    [people.toAndFro, 'reporter'],
    [people.same, 'officer'],
    [people.boss, 'operator'],
  ] as const) {
    const answer = await login(person);
    expect(answer.status, person.email).toBe(200);
    const { accessToken } = (await answer.json()) as Tokens;
    expect(await (await auth.get('/api/v1/auth/me', accessToken)).json()).toMatchObject({ role });
  }
  const { rows } = await pool.query<{ revoked: boolean }>(
    'SELECT revoked_at IS NOT NULL AS revoked FROM invitations WHERE invited_by = $1',
    [people.disabled.id],
  );
  expect(rows, 'what an operator had handed out').toEqual([{ revoked: true }]);
}

/** A house with a backup of it; what its operator who is disabled later has handed out is in it. */
async function houseWithBackup(env: NodeJS.ProcessEnv, database: TestDatabase) {
  const auth = await useAuth(database);
  const people = await peopleOf(database, auth);
  await change(auth, people, people.enabled, { state: 'disabled' });
  await database.pool.query(
    `INSERT INTO invitations (id, email, role, token_hash, invited_by, created_at, expires_at)
     VALUES ($1, 'later@halo.example', 'operator', $2, $3, now(), now() + interval '7 days')`,
    [uuidv7(), randomBytes(32), people.disabled.id],
  );
  const commands = command({ DATABASE_URL: database.url, ...env });
  await commands.backup();
  return { auth, people, commands };
}

describe('invariant 8: what was done to accounts after a backup holds in what is restored from it', () => {
  it.each([
    ['a directory', false],
    ['a bucket', true],
  ])('by the books beside it in %s (encrypted: %s)', async (_, inBucket) => {
    const bucket = await useBucket();
    const env = inBucket
      ? {
          HALO_BACKUP_S3: `${bucket.url}/city`,
          HALO_BACKUP_S3_ACCESS_KEY: bucket.accessKey,
          HALO_BACKUP_S3_SECRET_KEY: bucket.secretKey,
          HALO_BACKUP_KEY: await newKey(),
        }
      : { HALO_BACKUP_DIR: useDirectory() };
    const [database, target] = [await useTestDatabase(), await useTestDatabase({ migrate: false })];
    const { auth, people, commands } = await houseWithBackup(env, database);
    await removeAll(auth, people);
    await writeBooks(database.pool, commands);
    await erase(database.pool);
    expect(await commands.restore('--latest', '--check')).toContain('tell of');
    const said = await commands.restore('--latest', '--to', target.url);
    expect(said).toContain(
      '1 will be forgotten at the start, 1 were disabled, 1 enabled, 1 given another role',
    );
    await expectRepeated(target.pool, people);
  });

  it('and by the database that is set aside, where the last minute is in no book', async () => {
    const database = await createTestDatabase();
    onTestFinished(async () => {
      const admin = inject('clusterUrl');
      const all = await ask(admin, `SELECT datname FROM pg_database WHERE datname LIKE '${database.name}%'`);
      for (const { datname } of all) await ask(admin, `DROP DATABASE ${String(datname)} WITH (FORCE)`);
    });
    const { auth, people, commands } = await houseWithBackup({ HALO_BACKUP_DIR: useDirectory() }, database);
    await removeAll(auth, people);
    await database.pool.end();
    const said = await commands.restore('--latest', '--set-former-aside');
    expect(said).toContain('1 will be forgotten at the start, 1 were disabled');
    const restored = createPool(database.url, 4, log);
    await expectRepeated(restored, people).finally(() => restored.end());
  });

  it('in a copy, too, which has no books of the first', async () => {
    const [database, copy] = [await useTestDatabase(), await useTestDatabase({ migrate: false })];
    const { auth, people, commands } = await houseWithBackup({ HALO_BACKUP_DIR: useDirectory() }, database);
    await removeAll(auth, people);
    await writeBooks(database.pool, commands);
    await commands.restore('--latest', '--to', copy.url, '--as-copy');
    expect((await copy.pool.query('SELECT FROM removals')).rowCount).toBe(0);
    await expectRepeated(copy.pool, people);
  });

  it('also where a backup is restored that was taken before a restore', async () => {
    const [database, again, third] = [
      await useTestDatabase(),
      await useTestDatabase({ migrate: false }),
      await useTestDatabase({ migrate: false }),
    ];
    const env = { HALO_BACKUP_DIR: useDirectory() };
    const { auth, people, commands } = await houseWithBackup(env, database);
    await removeAll(auth, people);
    await writeBooks(database.pool, commands);
    await commands.restore('--latest', '--to', again.url);
    const later = await useAuth(again);
    const { email, password } = people.boss;
    const tokens = (await (await later.post('/api/v1/auth/login', { email, password })).json()) as Tokens;
    const boss = { ...people.boss, ...tokens };
    await change(later, { ...people, boss }, people.disabled, { state: 'active' });
    await writeBooks(again.pool, command({ DATABASE_URL: again.url, ...env }));
    await commands.restore('--latest', '--to', third.url);
    const { rows } = await third.pool.query<{ id: string }>(
      'SELECT id FROM users WHERE disabled_at IS NULL AND id = ANY ($1::uuid[])',
      [[people.disabled.id, people.forgotten.id]],
    );
    expect(rows, 'the last word').toEqual([{ id: people.disabled.id }]);
  });
});

it('a book that cannot be read is an error before anything is touched, and may be done without', async () => {
  const dir = useDirectory();
  const key = await newKey();
  const [database, target] = [await useTestDatabase(), await useTestDatabase({ migrate: false })];
  const env = { HALO_BACKUP_DIR: dir, HALO_BACKUP_KEY: key };
  const { auth, people, commands } = await houseWithBackup(env, database);
  await removeAll(auth, people);
  await writeBooks(database.pool, commands);
  const [book] = readdirSync(dir).filter((name) => name.startsWith('halo-removals-'));
  const whole = readFileSync(join(dir, book!));
  const harmed = Buffer.from(whole);
  harmed[harmed.length - 20]! ^= 1;
  writeFileSync(join(dir, book!), harmed);
  const refused = { code: 'removals_unreadable' };
  const to = ['--latest', '--to', target.url];
  await expect(commands.restore('--latest', '--check')).rejects.toMatchObject(refused);
  await expect(commands.restore(...to)).rejects.toMatchObject(refused);
  expect((await target.pool.query(`SELECT to_regclass('users') AS there`)).rows).toEqual([{ there: null }]);
  await expect(commands.backup('--verify'), 'the weekly trial tells of it').rejects.toMatchObject(refused);
  const { rows } = await database.pool.query(
    `SELECT state, error_code, result->>'rows' IS NOT NULL AS tried FROM job_runs WHERE job = 'backup-verify'`,
  );
  expect(rows).toEqual([{ state: 'failed', error_code: 'removals_unreadable', tried: true }]);
  await commands.restore(...to, '--without-removals');
  const { rows: back } = await target.pool.query(
    'SELECT disabled_at, erasing_at FROM users WHERE id = ANY ($1::uuid[])',
    [[people.forgotten.id, people.disabled.id]],
  );
  expect(back).toEqual([
    { disabled_at: null, erasing_at: null },
    { disabled_at: null, erasing_at: null },
  ]);
  // What the database still knows is written anew.
  rmSync(join(dir, book!));
  await database.pool.query('UPDATE removals SET written_at = NULL');
  await writeBooks(database.pool, commands);
  const { rowCount: known } = await database.pool.query('SELECT FROM removals');
  expect(known).toBeGreaterThan(6);
  expect(JSON.parse(await commands.backup('--verify'))).toMatchObject({ removals: known });
});

it('a file is restored with the books that lie beside it, and those where backups are kept now', async () => {
  const [former, present] = [useDirectory(), useDirectory()];
  const [database, target] = [await useTestDatabase(), await useTestDatabase({ migrate: false })];
  const { auth, people, commands } = await houseWithBackup({ HALO_BACKUP_DIR: former }, database);
  await forget(auth, people.forgotten);
  await writeBooks(database.pool, commands);
  await change(auth, people, people.disabled, { state: 'disabled' });
  const moved = command({ DATABASE_URL: database.url, HALO_BACKUP_DIR: present });
  await writeBooks(database.pool, moved);
  const file = readdirSync(former).find((name) => name.endsWith('.tar.gz'))!;
  const said = await moved.restore('--from', join(former, file), '--to', target.url);
  expect(said).toContain('1 will be forgotten at the start, 1 were disabled');
});

it('is noted with the act or not at all, whoever does it, and leaves the bare id of who was forgotten', async () => {
  const { pool } = await useTestDatabase();
  const auth = await useAuth({ pool });
  const people = await peopleOf({ pool }, auth);
  await pool.query('DELETE FROM removals');
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('UPDATE users SET disabled_at = now() WHERE id = $1', [people.same.id]);
  await client.query('ROLLBACK');
  client.release();
  const noted = async () => {
    const { rows } = await pool.query<{ id: string; kind: string; role: string | null }>(
      'SELECT user_id AS id, kind, role FROM removals ORDER BY at, id',
    );
    return rows;
  };
  expect(await noted()).toEqual([]);
  await removeAll(auth, people);
  await pool.query(`UPDATE users SET display_name = 'Another' WHERE id = $1`, [people.same.id]);
  await pool.query('DELETE FROM users WHERE id = $1', [people.same.id]);
  const [forgotten, disabled, demoted, same] = [
    people.forgotten.id,
    people.disabled.id,
    people.demoted.id,
    people.same.id,
  ];
  expect(await noted()).toEqual([
    { id: forgotten, kind: 'forgotten', role: null },
    { id: disabled, kind: 'disabled', role: null },
    { id: demoted, kind: 'role', role: 'operator' },
    { id: demoted, kind: 'role', role: 'reporter' },
    { id: people.toAndFro.id, kind: 'disabled', role: null },
    { id: people.toAndFro.id, kind: 'enabled', role: null },
    { id: same, kind: 'forgotten', role: null },
  ]);
  await pool.query('UPDATE users SET disabled_at = NULL, erasing_at = now() WHERE id = $1', [disabled]);
  await erase(pool);
  expect((await noted()).filter(({ id }) => id === disabled || id === forgotten)).toEqual([
    { id: forgotten, kind: 'forgotten', role: null },
    { id: disabled, kind: 'forgotten', role: null },
  ]);
});

it('a token of another issuer that was kept back gives no role that was taken after the backup', async () => {
  const [database, target] = [await useTestDatabase(), await useTestDatabase({ migrate: false })];
  const token = (role: 'officer' | 'reporter', agoS: number) => ({
    ...{ issuer: 'https://id.example', subject: 'somebody', displayName: 'Somebody', role },
    sessionKey: randomBytes(32),
    issuedAt: new Date(Date.now() - agoS * 1_000),
    expiresAt: new Date(Date.now() + 3_600_000),
  });
  await ensureExternalSession(database.pool, token('officer', 60), new Date());
  const commands = command({ DATABASE_URL: database.url, HALO_BACKUP_DIR: useDirectory() });
  await commands.backup();
  const keptBack = token('officer', 30);
  await ensureExternalSession(database.pool, token('reporter', 20), new Date());
  await writeBooks(database.pool, commands);
  await commands.restore('--latest', '--to', target.url);
  const begun = await ensureExternalSession(target.pool, keptBack, new Date());
  expect(begun.role).toBe('reporter');
});

it('a restore that leaves no operator says so', async () => {
  const [database, target] = [await useTestDatabase(), await useTestDatabase({ migrate: false })];
  const auth = await useAuth(database);
  const people = await peopleOf(database, auth);
  const commands = command({ DATABASE_URL: database.url, HALO_BACKUP_DIR: useDirectory() });
  await commands.backup();
  await database.pool.query(`UPDATE users SET role = 'reporter' WHERE role = 'operator'`);
  await writeBooks(database.pool, commands);
  expect(await commands.restore('--latest', '--to', target.url)).toContain('No operator is left');
  const { rows } = await target.pool.query('SELECT role::text AS role FROM users WHERE id = $1', [
    people.boss.id,
  ]);
  expect(rows).toEqual([{ role: 'reporter' }]);
});
