import { randomBytes, randomUUID } from 'node:crypto';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '../../platform/logger.ts';
import { SYSTEM_DIR } from './binaries.ts';
import { canReach } from './system-user.ts';
import type { SystemUser } from './system-user.ts';

/**
 * The directory of the cluster: `postgres` in the data directory. Where the system user cannot get there (a
 * data directory below /root, or in a private temporary folder), it lies under /var/lib/halo instead, and
 * the file `postgres-location` in the data directory says where, so that the data are found again.
 */
export async function clusterDirectory(
  dataDir: string,
  user: SystemUser | undefined,
  log: Logger,
): Promise<string> {
  const pointer = join(dataDir, 'postgres-location');
  const known = await readFile(pointer, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const plain = join(dataDir, 'postgres');
  if (user === undefined || (await canReach(user, dataDir))) return owned(plain, user);
  await mkdir(SYSTEM_DIR, { recursive: true, mode: 0o755 });
  const elsewhere = join(SYSTEM_DIR, `cluster-${randomUUID()}`);
  await owned(elsewhere, user);
  await writeFile(pointer, `${elsewhere}\n`);
  log.info(`The data directory is closed to user ${user.name}; Postgres keeps its files in ${elsewhere}`);
  return elsewhere;
}

/** The superuser's password: made once, kept beside the cluster, readable by its owner only. */
export async function clusterPassword(clusterDir: string): Promise<string> {
  const file = `${clusterDir}.password`;
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const password = randomBytes(24).toString('base64url');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

async function owned(dir: string, user: SystemUser | undefined): Promise<string> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (user !== undefined) await chown(dir, user.uid, user.gid);
  return dir;
}
