import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { HaloError } from '../../platform/errors.ts';

const run = promisify(execFile);

/** The account that Postgres runs as when Halo itself runs as root, which Postgres refuses. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Undefined for an ordinary user; for root, the system user `postgres`, made if it does not exist. */
export async function systemUserForPostgres(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await lookUp('postgres');
  if (known !== undefined) return known;
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  } catch (cause) {
    throw new HaloError(
      'no_system_user',
      'Postgres refuses to run as root, and no system user could be made.',
      {
        hint: 'Run Halo as an ordinary user, add a system user named postgres, or set DATABASE_URL.',
        cause,
      },
    );
  }
  const made = await lookUp('postgres');
  if (made === undefined)
    throw new HaloError('no_system_user', 'The system user postgres was made but is not found.');
  return made;
}

/** Whether `user` can read and run the program at `path`, which includes entering every directory above it. */
export function canRun(user: SystemUser, path: string): Promise<boolean> {
  return probe(user, 'test -r "$0" && test -x "$0"', path);
}

/** Whether `user` can enter the directory `dir`. */
export function canEnter(user: SystemUser, dir: string): Promise<boolean> {
  return probe(user, 'cd -- "$0"', resolve(dir));
}

async function probe({ uid, gid }: SystemUser, script: string, path: string): Promise<boolean> {
  return run('/bin/sh', ['-c', script, path], { uid, gid, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

async function lookUp(name: string): Promise<SystemUser | undefined> {
  try {
    const uid = Number((await run('id', ['-u', name])).stdout);
    const gid = Number((await run('id', ['-g', name])).stdout);
    return { name, uid, gid };
  } catch {
    return undefined;
  }
}
