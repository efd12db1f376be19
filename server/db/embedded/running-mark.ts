import { join } from 'node:path';
import { sleep } from '../../platform/sleep.ts';
import { runAs } from './run-as.ts';
import type { SystemUser } from './system-user.ts';

/** The processes of a server that was just stopped, or killed, take a moment to be gone. */
const ATTEMPTS = 100;
const WAIT_MS = 100;
/** What flock answers when the lock is taken. */
const TAKEN = 1;

/**
 * Whether a server runs on the cluster: one whose processes are not to be seen from here (another container with
 * the same volume) too. Its own pid file cannot tell, for the number in it counts only where it was written, and
 * neither can its shared memory, which is another in each container. So the server holds a file lock: the kernel
 * gives it to `pg_ctl start`, from which the server and all its processes inherit it, and lets it go when the last of
 * them is gone. `unknown` without the program `flock` (it is part of every usual Linux) or on a file system without
 * locks.
 */
export async function runningMark(
  dir: string,
  user: SystemUser | undefined,
): Promise<'free' | 'held' | 'unknown'> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const exitCode = await tryLock(dir, user);
    if (exitCode !== TAKEN) return exitCode === 0 ? 'free' : 'unknown';
    await sleep(WAIT_MS);
  }
  return 'held';
}

/** The command that runs `program` and lets it, and what it leaves running, hold the mark. */
export function holdingMark(dir: string, program: string, args: string[]): [string, string[]] {
  return ['flock', ['-x', '-n', markFile(dir), program, ...args]];
}

/** Exit code of flock, or the system's code when it could not be run. */
async function tryLock(dir: string, user: SystemUser | undefined): Promise<number | string | undefined> {
  return runAs(user, ...holdingMark(dir, 'true', [])).then(
    () => 0,
    (error: { code?: number | string }) => error.code,
  );
}

function markFile(dir: string): string {
  return join(dir, 'halo-running');
}
