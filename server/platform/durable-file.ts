import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts `contents` in the place of `file`, on the disk when it resolves: after a power cut the file is whole,
 * with either the old contents or the new.
 */
export async function writeDurably(file: string, contents: string, mode = 0o600): Promise<void> {
  const beside = `${file}.new`;
  const handle = await open(beside, 'w', mode);
  try {
    // One that a crash left there keeps its own mode.
    await handle.chmod(mode);
    await handle.writeFile(contents);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  await syncDirectory(dirname(file));
}

/** Makes the names in a directory durable. */
export async function syncDirectory(dir: string): Promise<void> {
  // Windows cannot fsync a directory; its renames are journalled by the file system.
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
