import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';

/** Holds a data directory for one Halo. */
export interface DataDirLock {
  release(): void;
}

/**
 * Takes the data directory for this process, making it where needed. Fails with `data_dir_unwritable`, or
 * with `data_dir_in_use` while another live Halo holds it; a lock whose process is gone (or whose number now
 * belongs to another program) is taken over.
 */
export function lockDataDir(dataDir: string, log: Logger): DataDirLock {
  const file = join(dataDir, 'halo.lock');
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o755 });
    takeOver(file, log);
    writeFileSync(file, mine, { flag: 'wx' });
  } catch (cause) {
    if (cause instanceof HaloError) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new HaloError(
      'data_dir_unwritable',
      `The data directory ${dataDir} cannot be written (${reason}).`,
      {
        field: 'HALO_DATA_DIR',
        hint: 'Make it writable, or set HALO_DATA_DIR to another directory.',
        cause,
      },
    );
  }
  return {
    release() {
      if (readLock(file)?.pid === process.pid) rmSync(file, { force: true });
    },
  };
}

function takeOver(file: string, log: Logger): void {
  const holder = readLock(file);
  if (holder === undefined) return;
  const alive = startOf(holder.pid) !== undefined && startOf(holder.pid) === holder.started;
  if (alive && holder.pid !== process.pid) {
    throw new HaloError('data_dir_in_use', `Another Halo (process ${holder.pid}) uses this data directory.`, {
      field: 'HALO_DATA_DIR',
      hint: 'Stop it first, or set HALO_DATA_DIR to another directory.',
    });
  }
  log.info({ component: 'db', pid: holder.pid }, 'took over the lock of a Halo that is gone');
  rmSync(file, { force: true });
}

interface Holder {
  readonly pid: number;
  readonly started: string | undefined;
}

function readLock(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    // A lock torn by a crash names nobody alive.
    return { pid: typeof holder.pid === 'number' ? holder.pid : -1, started: holder.started };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return { pid: -1, started: undefined };
    throw error;
  }
}

/**
 * When a process began, in a form that differs for the next one with the same number; undefined when no such
 * process lives. Linux tells it in /proc (proc_pid_stat(5), field 22); elsewhere only life itself is known.
 */
function startOf(pid: number): string | undefined {
  if (pid <= 0) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'alive' : undefined;
  }
}
