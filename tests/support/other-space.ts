import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const UNSHARE = ['--pid', '--ipc', '--fork', '--kill-child=SIGKILL', '--mount-proc'];

/** Whether a process can be started in PID and IPC namespaces of its own, as in a container; says so when not. */
export function hasOtherSpace(): boolean {
  const works =
    process.platform === 'linux' &&
    spawnSync('unshare', [...UNSHARE, 'true'], { stdio: 'ignore' }).status === 0;
  if (!works) process.stderr.write('skipped: namespaces of their own cannot be made here (needs root)\n');
  return works;
}

/** Runs a Node program in such namespaces, and resolves when it has printed something. Killing it kills all in them. */
export async function startInOtherSpace(program: string): Promise<ChildProcess> {
  const args = [...UNSHARE, process.execPath, '--import', 'tsx', '-e', program];
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the program ended at once'))),
  ]);
  return child;
}
