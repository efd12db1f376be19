import { readFileSync } from 'node:fs';

/** The most that was resident of a process so far, in bytes; NaN where the system does not tell. */
export function peakMemory(pid: number | 'self'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  } catch {
    return NaN;
  }
}
