import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncDirectory } from '../../platform/durable-file.ts';
import { HaloError } from '../../platform/errors.ts';
import { createFileCalls } from './file-calls.ts';
import type { FileCalls, Patience } from './file-calls.ts';
import type { BackupStore, StoredFile } from './store.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const PARTIAL = /^\.halo-.*\.partial$/;
/** What a killed process left behind; one that is still written to is younger. */
const LEFT_BEHIND_MS = 24 * 3_600_000;
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Backups in a directory, which is made where it is missing. Where it is on a disk that is gone, all fail with `backup_place_hangs`. */
export function directoryStore(dir: string, patience?: Patience): BackupStore {
  const files = createFileCalls(patience);
  return {
    place: 'the directory of HALO_BACKUP_DIR',
    async list() {
      const names = await files
        .call(() => readdir(dir))
        .catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return [];
          throw unreadable(error);
        });
      const found: StoredFile[] = [];
      // One after the other: a disk that goes now must not keep all threads of the process.
      for (const name of names.filter((one) => one.startsWith('halo-'))) {
        const file = await find(files, dir, name);
        if (file !== undefined) found.push(file);
      }
      return found;
    },
    async write(name, bytes, signal) {
      try {
        await makeDirectory(files, dir);
        await dropLeftovers(files, dir);
        await writeWhole(files, dir, name, bytes, signal);
      } catch (error) {
        bytes.destroy();
        throw asHaloError(error);
      }
    },
    async read(name) {
      // Once it is open, it can be read, whoever removes it.
      const handle = await files
        .call(() => open(join(dir, name)))
        .catch((error: NodeJS.ErrnoException) => {
          throw error.code === 'ENOENT' ? missing(name) : unreadable(error);
        });
      return handle.createReadStream();
    },
    async remove(name) {
      await files.call(() => rm(join(dir, name), { force: true }));
    },
  };
}

/** A file of a listing; undefined where another process has removed it since. */
async function find(files: FileCalls, dir: string, name: string): Promise<StoredFile | undefined> {
  try {
    return { name, bytes: (await files.call(() => stat(join(dir, name)))).size };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(error as NodeJS.ErrnoException);
  }
}

/** As `mkdir` does with `recursive`, but for that in Node it tries for ever where a directory takes none, as those of /proc. */
async function makeDirectory(files: FileCalls, dir: string): Promise<void> {
  const make = () => files.call(() => mkdir(dir, { mode: DIRECTORY_MODE }));
  const unlessThere = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  };
  try {
    await make().catch(unlessThere);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(dir) === dir) throw error;
    await makeDirectory(files, dirname(dir));
    await make().catch(unlessThere);
  }
}

async function writeWhole(
  files: FileCalls,
  dir: string,
  name: string,
  bytes: Readable,
  signal: AbortSignal,
): Promise<void> {
  const beside = join(dir, `.${name}.partial`);
  const handle = await files.call(() => open(beside, 'w', FILE_MODE));
  try {
    try {
      for await (const chunk of bytes) {
        signal.throwIfAborted();
        await files.call(() => handle.appendFile(chunk as Buffer));
      }
      signal.throwIfAborted();
      await files.sync(() => handle.sync());
    } finally {
      // Asked for in any case: it waits for what is under way, and keeps no thread.
      const closed = handle.close();
      closed.catch(() => {});
      await files.sync(() => closed);
    }
    await files.call(() => rename(beside, join(dir, name)));
  } catch (error) {
    await files.call(() => rm(beside, { force: true }));
    throw error;
  }
  await files.sync(() => syncDirectory(dir));
}

async function dropLeftovers(files: FileCalls, dir: string): Promise<void> {
  for (const name of await files.call(() => readdir(dir))) {
    if (!PARTIAL.test(name)) continue;
    const file = join(dir, name);
    const found = await files.call(() => stat(file)).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > LEFT_BEHIND_MS)
      await files.call(() => rm(file, { force: true }));
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

function unreadable(cause: NodeJS.ErrnoException | HaloError): HaloError {
  if (cause instanceof HaloError) return cause;
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
