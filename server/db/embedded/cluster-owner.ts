import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HaloError } from '../../platform/errors.ts';
import type { SystemUser } from './system-user.ts';

/**
 * Fails with `cluster_of_another_user` when a cluster lies at `dir` that belongs to another user than the one that
 * this start runs Postgres as (`user`; undefined: ourselves). One start as root beside a user's data, or the other
 * way round, would else make an empty database elsewhere, or take the files from their owner.
 */
export async function refuseAnothersCluster(dir: string, user: SystemUser | undefined): Promise<void> {
  const uid = user?.uid ?? process.getuid?.();
  // Windows knows no such numbers.
  if (uid === undefined) return;
  const owner = await ownerOfCluster(dir);
  if (owner === undefined || owner === uid) return;
  const theirs = owner === 'unreadable' ? 'another user' : `another user (number ${owner})`;
  throw new HaloError(
    'cluster_of_another_user',
    `Postgres's files in ${dir} belong to ${theirs}, and this start would run Postgres as user number ${uid}.`,
    {
      field: 'HALO_DATA_DIR',
      hint: 'Start Halo as the user who made them, or set HALO_DATA_DIR to another directory.',
    },
  );
}

/** Whether a whole cluster lies at `dir`; fails with `cluster_unreadable` when that cannot be told. */
export async function isCluster(dir: string): Promise<boolean> {
  return (await versionFile(dir)) !== undefined;
}

async function ownerOfCluster(dir: string): Promise<number | 'unreadable' | undefined> {
  try {
    return await versionFile(dir);
  } catch (error) {
    // Nobody but its owner may look into the directory of a cluster.
    if (error instanceof HaloError && error.details.reason === 'EACCES') return 'unreadable';
    throw error;
  }
}

/** The owner of the file that every cluster has; undefined when there is none. */
async function versionFile(dir: string): Promise<number | undefined> {
  try {
    return (await stat(join(dir, 'PG_VERSION'))).uid;
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    if (reason === 'ENOENT') return undefined;
    throw new HaloError('cluster_unreadable', `Postgres's files in ${dir} cannot be read (${reason}).`, {
      field: 'HALO_DATA_DIR',
      hint: 'Give the user that runs Halo the right to read them, or set HALO_DATA_DIR to another directory.',
      details: { reason },
      cause,
    });
  }
}
