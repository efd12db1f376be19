import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { HaloError } from '../../platform/errors.ts';
import type { SystemUser } from './system-user.ts';

const run = promisify(execFile);

/**
 * Runs a program to its end as `user` (undefined: as ourselves), without a working directory that it might
 * not be able to enter, and without our environment, whose PG* variables would change what it does.
 */
export async function runAs(user: SystemUser | undefined, program: string, args: string[]): Promise<string> {
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  return (await run(program, args, { ...identity, cwd: '/', env })).stdout;
}

/** The error for a program that failed, with the last line that it wrote. */
export function programFailed(code: string, message: string, cause: unknown): HaloError {
  const stderr = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1);
  return new HaloError(code, `${message}${stderr === undefined || stderr === '' ? '' : `: ${stderr}`}.`, {
    cause,
  });
}
