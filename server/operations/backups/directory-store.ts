import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncDirectory } from '../../platform/durable-file.ts';
import { HaloError } from '../../platform/errors.ts';
import type { BackupStore, StoredFile } from './store.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const PARTIAL = /^\.halo-.*\.partial$/;
/** What a killed process left behind; one that is still written to is younger. */
const LEFT_BEHIND_MS = 24 * 3_600_000;
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Backups in a directory, which is made where it is missing. */
export function directoryStore(dir: string): BackupStore {
  return {
    place: 'the directory of HALO_BACKUP_DIR',
    async list() {
      const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw unreadable(error);
      });
      const files = names.filter((name) => name.startsWith('halo-'));
      return (await Promise.all(files.map((name) => find(dir, name)))).filter((file) => file !== undefined);
    },
    async write(name, bytes, signal) {
      try {
        await mkdir(dir, { recursive: true, mode: DIRECTORY_MODE });
        await dropLeftovers(dir);
        await writeWhole(dir, name, bytes, signal);
      } catch (error) {
        bytes.destroy();
        throw asHaloError(error);
      }
    },
    async read(name) {
      // Once it is open, it can be read, whoever removes it.
      const handle = await open(join(dir, name)).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? missing(name) : unreadable(error);
      });
      return handle.createReadStream();
    },
    async remove(name) {
      await rm(join(dir, name), { force: true });
    },
  };
}

/** A file of a listing; undefined where another process has removed it since. */
async function find(dir: string, name: string): Promise<StoredFile | undefined> {
  try {
    return { name, bytes: (await stat(join(dir, name))).size };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(error as NodeJS.ErrnoException);
  }
}

async function writeWhole(dir: string, name: string, bytes: Readable, signal: AbortSignal): Promise<void> {
  const beside = join(dir, `.${name}.partial`);
  const handle = await open(beside, 'w', FILE_MODE);
  try {
    try {
      for await (const chunk of bytes) {
        signal.throwIfAborted();
        await handle.appendFile(chunk as Buffer);
      }
      signal.throwIfAborted();
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, join(dir, name));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncDirectory(dir);
}

async function dropLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!PARTIAL.test(name)) continue;
    const file = join(dir, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > LEFT_BEHIND_MS) await rm(file, { force: true });
  }
}

/** What the file system says, without its paths. What the rows' reading failed with stays as it is. */
function asHaloError(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof HaloError) return error;
  if (FULL.has(code))
    return new HaloError('backup_place_full', `There is no room for the backup (${code}).`, {
      field: 'HALO_BACKUP_DIR',
      hint: 'Make room, or set HALO_BACKUP_DIR to a larger disk.',
      cause: error,
    });
  if (syscall === undefined || syscall === 'read' || syscall === 'connect') return error;
  return new HaloError('backup_place_unwritable', `The directory of backups cannot be written (${code}).`, {
    field: 'HALO_BACKUP_DIR',
    hint: 'Make it writable for the user that Halo runs as.',
    cause: error,
  });
}

function unreadable(cause: NodeJS.ErrnoException): HaloError {
  return new HaloError(
    'backup_place_unreadable',
    `The directory of backups cannot be read (${cause.code ?? 'unknown'}).`,
    { field: 'HALO_BACKUP_DIR', cause },
  );
}

/** The error for a file that is not there. */
export function missing(name: string): HaloError {
  return new HaloError('backup_missing', `There is no ${name} among the backups.`, {
    hint: 'npm run backup -- --list shows those that are there.',
  });
}
