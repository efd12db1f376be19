import { execFile, spawnSync } from 'node:child_process';
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

/** Whether `user` can read `path`, which includes every directory on the way to it. */
export function canReach(user: SystemUser, path: string): Promise<boolean> {
  const probe = spawnSync('/bin/sh', ['-c', 'test -r "$0"', path], {
    uid: user.uid,
    gid: user.gid,
    cwd: '/',
  });
  return Promise.resolve(probe.status === 0);
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
