import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, inject, it, onTestFinished } from 'vitest';
import { ensureExternalSession } from '../../server/auth/issuers/external-session.ts';
import { readBackupArguments, readRestoreArguments } from '../../server/backup/arguments.ts';
import { createPool } from '../../server/db/pool.ts';
import { newKey } from '../../server/operations/backups/seal.ts';
import { makeWaiting, takePlace, waitingName } from '../../server/operations/backups/set-aside.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { ask, command } from '../support/backup-commands.ts';
import { createTestDatabase, useTestDatabase } from '../support/database.ts';
import { addUsers } from './mutations-support.ts';

const log = createLogger('silent');
const never = new AbortController().signal;

/** Somebody whom a token of another issuer lets in for an hour. */
function ofAnotherIssuer() {
  const issuedAt = new Date();
  const expiresAt = new Date(issuedAt.getTime() + 3_600_000);
  const person = { issuer: 'https://id.example', subject: 'somebody', displayName: 'Somebody' };
  return { ...person, role: 'reporter' as const, sessionKey: randomBytes(32), issuedAt, expiresAt };
}

it('what a command was asked for', () => {
  expect(readBackupArguments([])).toEqual({ do: 'take', to: undefined });
  expect(readBackupArguments(['--help'])).toBeUndefined();
  expect(readRestoreArguments(['--from', 'x', '--set-former-aside'])).toMatchObject({
    from: 'x',
    setFormerAside: true,
  });
  for (const args of [
    [],
    ['--latest', '--from', 'x'],
    ['--latest', '--to', 'mysql://x'],
    ['--latest', '--to', 'postgres://[x/y'],
    ['--newest'],
  ])
    expect(() => readRestoreArguments(args)).toThrowError(expect.objectContaining({ code: 'backup_usage' }));
  expect(() => readBackupArguments(['--list', '--verify'])).toThrowError(
    expect.objectContaining({ code: 'backup_usage' }),
  );
});

it('takes, lists, proves and restores by command, and sets what was there aside without losing it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-backups-command-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const database = await createTestDatabase();
  const { url, pool } = database;
  const admin = inject('clusterUrl');
  onTestFinished(async () => {
    await ask(
      admin,
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database LIKE '${database.name}%'`,
    );
    const found = await ask(admin, `SELECT datname FROM pg_database WHERE datname LIKE '${database.name}%'`);
    for (const { datname } of found) await ask(admin, `DROP DATABASE ${String(datname)} WITH (FORCE)`);
  });
  const key = await newKey();
  const env = { DATABASE_URL: url, HALO_BACKUP_DIR: dir, HALO_BACKUP_KEY: key };
  const { backup, restore } = command(env);
  const scaled = command({ ...env, ELECTRIC_URL: 'http://electric:3000' });
  await expect(command({ DATABASE_URL: url, HALO_BACKUP_DIR: 'off' }).backup()).rejects.toMatchObject({
    code: 'backup_place_missing',
  });
  await expect(restore('--latest')).rejects.toMatchObject({ code: 'backup_missing' });
  const identity = ofAnotherIssuer();
  await ensureExternalSession(pool, identity, new Date());
  await addUsers(pool, 1);
  const { backup: name } = JSON.parse(await backup()) as { backup: string };
  expect(await backup('--list')).toMatch(new RegExp(`^${name} .* copy, encrypted`));
  expect(JSON.parse(await backup('--verify'))).toMatchObject({ backup: name, queries: 6 });
  const { rows: runs } = await pool.query('SELECT job, trigger, state FROM job_runs ORDER BY started_at');
  expect(runs).toEqual([
    { job: 'backup', trigger: 'manual', state: 'succeeded' },
    { job: 'backup-verify', trigger: 'manual', state: 'succeeded' },
  ]);

  await addUsers(pool, 1);
  const slot = 'halo_0000000000fe';
  const ofOthers = 'electric_slot_fe';
  for (const name of [slot, ofOthers])
    await pool.query(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
  expect(await restore('--latest', '--check')).toContain('It is whole');
  await expect(restore('--latest')).rejects.toMatchObject({ code: 'database_not_empty' });
  // A pool lets go by itself of what it does not use.
  const held = await pool.connect();
  await held.query(`SET application_name = 'somebody else'`);
  await expect(restore('--latest', '--set-former-aside')).rejects.toMatchObject({
    code: 'database_in_use',
    message: expect.stringContaining('somebody else') as string,
  });
  held.release(true);
  // That was known before anything was restored.
  expect(await ask(admin, `SELECT FROM pg_database WHERE datname = '${waitingName(url)}'`)).toEqual([]);
  const slots = `SELECT slot_name FROM pg_replication_slots WHERE database LIKE '${database.name}%' ORDER BY slot_name`;
  expect(await ask(admin, slots)).toEqual([{ slot_name: ofOthers }, { slot_name: slot }]);
  expect(await ask(url, 'SELECT count(*)::int AS n FROM users')).toEqual([{ n: 3 }]);

  await pool.end();
  const said = await scaled.restore('--from', name, '--set-former-aside', '--end-sessions');
  expect(said).toContain('ELECTRIC_URL is set');
  const former = /kept as (\S+):/.exec(said)![1]!;
  expect(await ask(url, 'SELECT count(*)::int AS n FROM users')).toEqual([{ n: 2 }]);
  const formerUrl = new URL(url);
  formerUrl.pathname = `/${former}`;
  expect(await ask(formerUrl.href, 'SELECT count(*)::int AS n FROM users')).toEqual([{ n: 3 }]);
  // It would hold the WAL of all for ever; one of others is theirs to drop, and is named.
  expect(await ask(admin, slots)).toEqual([{ slot_name: ofOthers }]);
  expect(said).toContain(`SELECT pg_drop_replication_slot('${ofOthers}')`);
  // Its token is valid for as long as its issuer says: nothing but the row shows that the session has ended.
  const restored = createPool(url, 1, log);
  await expect(
    ensureExternalSession(restored, identity, new Date()).finally(() => restored.end()),
  ).rejects.toMatchObject({ code: 'session_revoked' });
  expect(
    await ask(
      url,
      `SELECT revoked_reason, expires_at > now() + interval '59 days' AS remembered FROM sessions`,
    ),
  ).toEqual([{ revoked_reason: 'revoked', remembered: true }]);
});

it('a copy beside the first is of another house, and keeps to the policy over its own backups alone', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-backups-copy-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const [first, again, copy] = [
    await useTestDatabase(),
    await useTestDatabase({ migrate: false }),
    await useTestDatabase({ migrate: false }),
  ];
  const house = async ({ url }: { url: string }) => (await ask(url, 'SELECT id FROM house'))[0]!['id'];
  const { backup, restore } = command({ DATABASE_URL: first.url, HALO_BACKUP_DIR: dir });
  await backup();
  await restore('--latest', '--to', again.url);
  expect(await house(again)).toBe(await house(first));
  await restore('--latest', '--to', copy.url, '--as-copy');
  expect(await house(copy)).not.toBe(await house(first));
  await command({ DATABASE_URL: copy.url, HALO_BACKUP_DIR: dir }).backup();
  expect(readdirSync(dir).filter((name) => name.endsWith('.json'))).toHaveLength(2);
  await expect(restore('--latest', '--check')).rejects.toMatchObject({ code: 'backups_of_several_houses' });
});

it('a database that somebody holds leaves both under their names, with the slots', async () => {
  const { url, name } = await useTestDatabase({ migrate: false });
  const admin = inject('clusterUrl');
  const slot = 'halo_0000000000fd';
  await ask(url, `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  const waiting = await makeWaiting(url, never);
  const holder = new pg.Client(waiting);
  onTestFinished(async () => {
    await holder.end();
    await ask(admin, `DROP DATABASE IF EXISTS ${waitingName(url)} WITH (FORCE)`);
  });
  const both = `SELECT oid, datname FROM pg_database WHERE datname LIKE '${name}%' ORDER BY datname`;
  const slots = `SELECT database FROM pg_replication_slots WHERE slot_name = '${slot}'`;
  const before = await ask(admin, both);
  expect(before).toHaveLength(2);
  await holder.connect();
  // The first rename goes well, the second does not.
  await expect(takePlace(url, new Date(), never)).rejects.toMatchObject({
    code: 'database_in_use',
    message: expect.stringContaining(waitingName(url)) as string,
  });
  expect([await ask(admin, both), await ask(admin, slots)]).toEqual([before, [{ database: name }]]);
});

it('restores a file into another database, and asks which one where several houses share a place', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-backups-houses-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const [first, second, target] = [
    await useTestDatabase(),
    await useTestDatabase(),
    await useTestDatabase({ migrate: false }),
  ];
  // The tests' databases are copies of one.
  await second.pool.query('UPDATE house SET id = gen_random_uuid()');
  await addUsers(first.pool, 1);
  const env = { HALO_BACKUP_DIR: dir };
  const one = command({ ...env, DATABASE_URL: first.url });
  await one.backup();
  await command({ ...env, DATABASE_URL: second.url }).backup();
  // Each removes its own alone.
  const newest = JSON.parse(await one.backup()) as { backup: string; removed: number };
  expect(newest.removed).toBe(1);
  expect(readdirSync(dir)).toHaveLength(4);
  await expect(one.restore('--latest', '--check')).rejects.toMatchObject({
    code: 'backups_of_several_houses',
  });
  await one.restore('--from', join(dir, newest.backup), '--to', target.url);
  expect((await target.pool.query('SELECT count(*)::int AS n FROM users')).rows).toEqual([{ n: 1 }]);
});

it('beside a newer schema it takes none, and the record of its run says why', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-backups-newer-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const { url, pool } = await useTestDatabase();
  await pool.query(`INSERT INTO migrations (name, run_on) VALUES ('9999_of_the_future', now())`);
  await expect(command({ DATABASE_URL: url, HALO_BACKUP_DIR: dir }).backup()).rejects.toMatchObject({
    code: 'backup_schema_newer',
  });
  const { rows } = await pool.query('SELECT job, state, error_code FROM job_runs');
  expect(rows).toEqual([{ job: 'backup', state: 'failed', error_code: 'backup_schema_newer' }]);
  expect(readdirSync(dir)).toEqual([]);
});

it('says that Postgres does not answer, or that no Halo was ever on it, and what to look at', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-backups-nowhere-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const nobody = 'postgres://nobody@127.0.0.1:1/nothing';
  const hint = expect.stringContaining('DATABASE_URL') as string;
  const unreachable = { code: 'database_unreachable', hint };
  const lost = command({ DATABASE_URL: nobody, HALO_BACKUP_DIR: dir });
  await expect(lost.backup()).rejects.toMatchObject({
    ...unreachable,
    message: 'Postgres cannot be reached: connect ECONNREFUSED 127.0.0.1:1.',
  });
  await expect(lost.backup('--verify')).rejects.toMatchObject(unreachable);
  const empty = await useTestDatabase({ migrate: false });
  const unused = command({ DATABASE_URL: empty.url, HALO_BACKUP_DIR: dir });
  await expect(unused.backup()).rejects.toMatchObject({ code: 'database_unused', hint });
  expect(readdirSync(dir)).toEqual([]);

  const { url } = await useTestDatabase();
  await command({ DATABASE_URL: url, HALO_BACKUP_DIR: dir }).backup();
  await expect(lost.restore('--latest')).rejects.toMatchObject(unreachable);
  const misspelt = command({ DATABASE_URL: 'postgres://[x/y', HALO_BACKUP_DIR: dir });
  await expect(misspelt.restore('--latest')).rejects.toMatchObject(unreachable);
  await expect(lost.restore('--latest', '--to', nobody, '--set-former-aside')).rejects.toMatchObject({
    code: 'database_unreachable',
    hint: expect.stringContaining('--to') as string,
  });
});
