import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HaloClientError } from '../../errors.ts';

/** Holds a store's directory for one process. */
export interface StoreLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly start: string;
}

/** Directories that this very process holds: a second store on one of them is refused too. */
const heldHere = new Set<string>();

/**
 * Takes a store's directory for this process. Fails with `store_in_use` while another live process holds it;
 * the lock of one that is gone, or whose number now belongs to another program, is taken over.
 */
export function lockStore(dir: string): StoreLock {
  const path = resolve(dir);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const file = join(path, 'lock');
  if (heldHere.has(path)) throw inUse(path, process.pid);
  const holder = readHolder(file);
  if (holder !== undefined) {
    if (holder.pid !== process.pid && startOf(holder.pid) === holder.start) throw inUse(path, holder.pid);
    // Moved aside before it is removed: of two processes that find the stale lock only one succeeds in this.
    const aside = `${file}.${process.pid}`;
    try {
      renameSync(file, aside);
    } catch (error) {
      if (isCode(error, 'ENOENT')) throw inUse(path, readHolder(file)?.pid ?? -1);
      throw error;
    }
    rmSync(aside, { force: true });
  }
  try {
    writeFileSync(file, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }), {
      flag: 'wx',
      mode: 0o600,
    });
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw inUse(path, readHolder(file)?.pid ?? -1);
    throw error;
  }
  heldHere.add(path);
  return {
    release() {
      if (!heldHere.delete(path)) return;
      rmSync(file, { force: true });
    },
  };
}

function inUse(path: string, pid: number): HaloClientError {
  return new HaloClientError(
    'store_in_use',
    `The store ${path} is in use by process ${pid}. Close it first.`,
  );
}

function readHolder(file: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  // A lock torn by a crash names nobody alive.
  const match = /^\{"pid":(\d+),"start":"([^"]*)"\}$/.exec(text);
  return match === null ? { pid: -1, start: '' } : { pid: Number(match[1]), start: match[2]! };
}

/**
 * When a process began, in a form that differs for the next one with the same number; undefined when it no
 * longer lives. Linux tells it in /proc (proc_pid_stat(5), field 22); elsewhere only life itself is known.
 */
function startOf(pid: number): string | undefined {
  if (pid <= 0) return undefined;
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A zombie holds nothing: the kernel has closed its files, only its parent has not looked yet.
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return isCode(error, 'EPERM') ? 'alive' : undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
