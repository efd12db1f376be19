import { execFile } from 'node:child_process';
import { readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Whether process `pid` is a Postgres at work in `dir`. A pid file alone does not say so: after a crash or a
 * reboot its number may belong to any program. Postgres makes its data directory its working directory,
 * which Linux shows in /proc; elsewhere the program's name has to do.
 */
export async function runsIn(pid: number, dir: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (process.platform === 'linux') {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return cwd !== undefined && cwd === (await realpath(dir));
  }
  return run('ps', ['-o', 'comm=', '-p', String(pid)]).then(
    ({ stdout }) => /postgres\s*$/.test(stdout),
    () => false,
  );
}
