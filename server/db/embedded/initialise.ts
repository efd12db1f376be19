import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { isCluster } from './cluster-owner.ts';
import { programFailed, runAs } from './run-as.ts';
import type { ServerSetting } from './pg-ctl.ts';

export const SUPERUSER = 'halo';

/**
 * Makes the cluster at `dir` unless it is there. It is made beside its place and then moved there: `initdb`
 * writes PG_VERSION early, so a half-made cluster (power cut, `kill -9`) would else be taken for a whole one.
 * Its locale is `C.UTF-8`, Postgres's own and not the machine's, so that it exists everywhere.
 */
export async function initialise({ dir, binaries, user }: ServerSetting, password: string): Promise<void> {
  if (await isCluster(dir)) return;
  const half = `${dir}.new`;
  const passwordFile = `${dir}.init-password`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) {
    await chown(half, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  try {
    await runAs(user, binaries.initdb, [
      `--pgdata=${half}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      ...(await locale(user, binaries.initdb)),
      '--no-instructions',
    ]);
  } catch (cause) {
    throw programFailed('postgres_init_failed', 'Postgres could not make its data directory', cause);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rm(dir, { recursive: true, force: true });
  await rename(half, dir);
}

/** Postgres has a `C.UTF-8` of its own from 17 on; the tests also run on older ones (`.ci/use-postgres.mjs`), with that of the system. */
async function locale(user: ServerSetting['user'], initdb: string): Promise<string[]> {
  const said = await runAs(user, initdb, ['--version']);
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(said)?.[1] ?? NaN);
  if (major < 17) return ['--locale=C.UTF-8', '--lc-collate=C'];
  return ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
}
