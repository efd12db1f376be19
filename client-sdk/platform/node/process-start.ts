import { readFileSync } from 'node:fs';

/**
 * When process `pid` began, in a form that differs for the next one with the same number; undefined when that
 * cannot be told. Linux tells it in /proc (proc_pid_stat(5), field 22), in ticks since the boot, so the boot's
 * own id goes with it.
 */
export function startOf(pid: number): string | undefined {
  const stat = readStat(pid);
  return stat === undefined ? undefined : `${bootId()}/${stat.ticks}`;
}

/** Whether the process that began at `start` under this number still runs. What cannot be told counts as yes. */
export function isRunning(pid: number, start: string | undefined): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isTaken(pid)) return false;
  const stat = readStat(pid);
  // A zombie holds nothing: the kernel has closed its files, only its parent has not looked yet.
  if (stat?.state === 'Z') return false;
  return stat === undefined || start === undefined || start === `${bootId()}/${stat.ticks}`;
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readStat(pid: number): { readonly state: string; readonly ticks: string } | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, ticks: rest[18] ?? '' };
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
