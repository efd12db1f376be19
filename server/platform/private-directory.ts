import { chmod, mkdir } from 'node:fs/promises';

/**
 * Makes a directory that only its owner may enter, whatever the process's umask, and one that is there already such: what lies in it
 * is rows of people. The data directory itself is open, since Postgres's system user must come through it.
 */
export async function makePrivateDirectory(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
}
