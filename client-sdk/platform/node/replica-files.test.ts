import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PreparedReplica } from '../prepared/prepared-replica.ts';
import { databaseIdentity, preparedReplica } from '../../../tests/support/prepared-replica.ts';
import { openReplicaFiles, removeReplicaFiles } from './replica-files.ts';

let top: string;
let dir: string;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'halo-files-'));
  dir = join(top, 'replica');
});
afterEach(() => rm(top, { recursive: true, force: true }));

/** Which database the replica is, opened and closed again; and that one can write to it. */
async function opened(prepared?: () => Promise<PreparedReplica | undefined>): Promise<bigint> {
  const database = await openReplicaFiles(dir, prepared);
  await database.exec('CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)');
  const { rows } = await database.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  );
  await database.close();
  return BigInt(rows[0]!.id);
}

it('begins with the prepared replica, over what a killed process left of one, and opens it again', async () => {
  const identity = databaseIdentity(await preparedReplica());
  await mkdir(`${dir}.new/base`, { recursive: true });
  for (const left of ['PG_VERSION', 'base/left']) await writeFile(join(`${dir}.new`, left), '18\n');
  await mkdir(dir);
  expect(await opened()).toBe(identity);
  expect(await readdir(top)).toEqual(['replica']);
  expect(await readdir(join(dir, 'base'))).not.toContain('left');
  expect(await opened(() => Promise.reject(new Error('there is one already')))).toBe(identity);
  await removeReplicaFiles(dir);
  expect(await readdir(top)).toEqual([]);
});

it('has no name before it is whole', async () => {
  const whole = await preparedReplica();
  const files = whole.files.map((file, n) =>
    n < whole.files.length - 1 ? file : { path: 'no/such/directory', contents: file.contents },
  );
  await expect(opened(async () => ({ ...whole, files }))).rejects.toThrow('ENOENT');
  expect(await readdir(top)).toEqual(['replica.new']);
  expect(await readdir(join(top, 'replica.new'))).toContain('PG_VERSION');
});

it.each<[string, (whole: PreparedReplica) => PreparedReplica | undefined]>([
  ['another PGlite made what is prepared', (whole) => ({ ...whole, pglite: '0.0.1' })],
  [
    'Postgres refuses what is prepared',
    ({ files, ...whole }) => ({ ...whole, files: files.filter(({ path }) => path !== 'global/pg_control') }),
  ],
])('is made by initdb where %s', async (_why, change) => {
  const whole = await preparedReplica();
  expect(await opened(async () => change(whole))).not.toBe(databaseIdentity(whole));
  expect(await readdir(top)).toEqual(['replica']);
});
