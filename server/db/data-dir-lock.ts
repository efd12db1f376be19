import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { startOfProcess } from './process-identity.ts';

/** Contenders for a stale lock take turns; each turn one of them gets it. */
const MAX_TURNS = 20;

/** Holds a data directory for one Halo. */
export interface DataDirLock {
  release(): void;
}

/**
 * Takes the data directory for this process, making it where needed. Fails with `data_dir_unwritable`, or
 * with `data_dir_in_use` while a live Halo holds it; a lock whose process is gone (or whose number now
 * belongs to another program) is taken over.
 */
export function lockDataDir(dataDir: string, log: Logger): DataDirLock {
  const file = join(dataDir, 'halo.lock');
  const mine = JSON.stringify({ pid: process.pid, started: startOfProcess(process.pid) });
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o755 });
    take(file, mine, log);
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
      if (readOptional(file) === mine) rmSync(file, { force: true });
    },
  };
}

/**
 * The lock appears whole or not at all: it is written aside and linked into place, which fails when one is
 * there. So a torn lock can only come from a machine that went down, and never from a Halo that is starting.
 */
function take(file: string, mine: string, log: Logger): void {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, mine);
  try {
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      if (linked(aside, file)) return;
      removeStale(file, log);
    }
  } finally {
    rmSync(aside, { force: true });
  }
  throw inUse('several');
}

/** Removes the lock of a Halo that is gone; fails with `data_dir_in_use` when it lives. */
function removeStale(file: string, log: Logger): void {
  const contents = readOptional(file);
  if (contents === undefined) return;
  const { pid, started } = parse(contents);
  if (started !== undefined && startOfProcess(pid) === started) throw inUse(`process ${pid}`);

  // Another contender may have taken the lock since we read it: what was moved away must be what we read.
  const moved = `${file}.${process.pid}.stale`;
  if (!renamed(file, moved)) return;
  const isWhatWeRead = readOptional(moved) === contents;
  if (!isWhatWeRead) linked(moved, file);
  rmSync(moved, { force: true });
  if (isWhatWeRead) log.info({ component: 'db', pid }, 'took over the lock of a Halo that is gone');
}

function inUse(holder: string): HaloError {
  return new HaloError('data_dir_in_use', `Another Halo (${holder}) uses this data directory.`, {
    field: 'HALO_DATA_DIR',
    hint: 'Stop it first, or set HALO_DATA_DIR to another directory.',
  });
}

/** Gives the file at `from` the name `to` as well; false when that name is taken. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a file; false when it is gone. */
function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

interface Holder {
  readonly pid: number;
  readonly started: string | undefined;
}

/** A torn lock names nobody alive. */
function parse(contents: string): Holder {
  try {
    const { pid, started } = JSON.parse(contents) as Partial<Holder>;
    return { pid: typeof pid === 'number' ? pid : -1, started };
  } catch {
    return { pid: -1, started: undefined };
  }
}

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
