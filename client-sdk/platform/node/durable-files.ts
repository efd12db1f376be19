import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Makes a directory, and those on the way to it, which only their owner may enter. Their names are durable then. */
export function makeDirectory(dir: string): void {
  const path = resolve(dir);
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined || process.platform === 'win32') return;
  const end = dirname(first);
  for (let parent = dirname(path); parent.length >= end.length; parent = dirname(parent)) {
    syncNames(parent);
    if (parent === dirname(parent)) return;
  }
}

function syncNames(dir: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(dir, 'r');
    fsyncSync(fd);
  } catch (error) {
    // One that may be written and not read: it is as durable as the system makes it.
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Makes the names in a directory durable, as far as the platform can. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Windows cannot fsync a directory; its renames are journalled by the file system.
    if (process.platform !== 'win32') throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Puts new contents, given in parts, in a file's place, so that a crash leaves either the old or the new: written beside it,
 * fsynced, renamed over it. Returns the open new file. When it fails, nothing is left beside the file; the name
 * stands for the old one, unless only syncing the directory has failed (see `isNamed`).
 */
export async function replaceFile(
  file: string,
  contents: Iterable<Buffer | string>,
  flags: 'a+',
): Promise<FileHandle> {
  const beside = `${file}.new`;
  await rm(beside, { force: true });
  const handle = await open(beside, flags, 0o600);
  try {
    for (const part of contents) await handle.appendFile(part);
    await handle.sync();
    await rename(beside, file);
    await syncDirectory(dirname(file));
    return handle;
  } catch (error) {
    await handle.close();
    // On a full disk, what was written so far takes the room that others need.
    await rm(beside, { force: true }).catch(() => {});
    throw error;
  }
}

/** Whether `file` is the name of the open file. */
export async function isNamed(file: string, handle: FileHandle): Promise<boolean> {
  const [named, opened] = [await stat(file, { bigint: true }), await handle.stat({ bigint: true })];
  return named.dev === opened.dev && named.ino === opened.ino;
}
