import { randomBytes, randomUUID } from 'node:crypto';
import { access, chown, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeDurably } from '../../platform/durable-file.ts';
import { HaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { SYSTEM_DIR } from './binaries.ts';
import { isCluster, refuseAnothersCluster } from './cluster-owner.ts';
import { canEnter } from './system-user.ts';
import type { SystemUser } from './system-user.ts';

const POINTER = 'postgres-location';

/** Where the cluster of a data directory lies, or would lie; makes nothing. */
export async function placeOfCluster(dataDir: string): Promise<string> {
  return (await readOptional(join(dataDir, POINTER))) ?? resolve(dataDir, 'postgres');
}

/**
 * The directory of the cluster: `postgres` in the data directory. Where the system user cannot get there (a
 * data directory below /root, or in a private temporary folder), it lies under /var/lib/halo instead, and
 * the file `postgres-location` in the data directory says where, so that the data are found again. Fails
 * with `cluster_missing` when they are not, and with `cluster_of_another_user` when they are another's: making an
 * empty cluster then would look like lost data.
 */
export async function clusterDirectory(
  dataDir: string,
  user: SystemUser | undefined,
  log: Logger,
): Promise<string> {
  const pointer = join(dataDir, POINTER);
  const known = await readOptional(pointer);
  if (known !== undefined) {
    await refuseAnothersCluster(known, user);
    if (await exists(known)) return known;
    throw new HaloError('cluster_missing', `Postgres's files should lie in ${known}, which does not exist.`, {
      field: 'HALO_DATA_DIR',
      hint: `Bring that folder back, or remove the file ${pointer} to begin with an empty database.`,
    });
  }
  const plain = resolve(dataDir, 'postgres');
  await refuseAnothersCluster(plain, user);
  if (user === undefined || (await canEnter(user, dataDir))) return owned(plain, user);
  await mkdir(SYSTEM_DIR, { recursive: true, mode: 0o755 });
  const elsewhere = join(SYSTEM_DIR, `cluster-${randomUUID()}`);
  await owned(elsewhere, user);
  await writeDurably(pointer, `${elsewhere}\n`, 0o644);
  log.info(`The data directory is closed to user ${user.name}; Postgres keeps its files in ${elsewhere}`);
  return elsewhere;
}

/** The superuser's password: made once, kept beside the cluster, readable by its owner only. */
export async function clusterPassword(clusterDir: string): Promise<string> {
  const file = `${clusterDir}.password`;
  const known = await readOptional(file);
  if (known !== undefined && known !== '') return known;
  if (await isCluster(clusterDir)) {
    throw new HaloError('cluster_password_missing', `The password of Postgres (${file}) is gone.`, {
      hint: 'Restore that file from a backup of the data directory.',
    });
  }
  const password = randomBytes(24).toString('base64url');
  await writeDurably(file, `${password}\n`);
  return password;
}

async function owned(dir: string, user: SystemUser | undefined): Promise<string> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (user !== undefined) await chown(dir, user.uid, user.gid);
  return dir;
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
