import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HaloError, messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { inheritLock } from './inherit-lock.ts';
import { ageMs, linked, ownLock, parseLock, readOptional } from './lock-file.ts';
import type { Holder } from './lock-file.ts';
import { startOfProcess } from './process-identity.ts';
import { processSpace } from './process-space.ts';

/** Contenders for a stale lock take turns; each turn one of them gets it. */
const MAX_TURNS = 20;
/** How often the holder touches its lock. */
const HEARTBEAT_MS = 10_000;
/** A holder that cannot be seen from here is gone when it has not touched its lock for so long. */
const SILENT_MS = 60_000;

/** Holds a data directory for one Halo. */
export interface DataDirLock {
  release(): void;
}

export interface LockOptions {
  /**
   * Told once when another Halo has taken the directory, which it does only when this one was frozen for a
   * minute: nothing more may be written to it.
   */
  readonly onLost?: () => void;
  readonly heartbeatMs?: number;
}

/**
 * Takes the data directory for this process, making it where needed. Fails with `data_dir_unwritable`, or
 * with `data_dir_in_use` while a live Halo holds it. A lock whose process is gone (or whose number now belongs to
 * another program) is taken over at once. Where the process cannot be seen (another container or machine with the
 * same volume) its heartbeat decides: it has to have been silent for a minute, by clocks that agree.
 */
export function lockDataDir(dataDir: string, log: Logger, options: LockOptions = {}): DataDirLock {
  const file = join(dataDir, 'halo.lock');
  const mine = ownLock();
  try {
    makeDirectory(resolve(dataDir));
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
  const heart = startHeart(file, mine, log, options);
  return {
    release() {
      clearInterval(heart);
      if (readOptional(file) === mine) rmSync(file, { force: true });
    },
  };
}

/** Not Node's recursive mkdir: below /proc it tries for ever, since no directory can be made there. */
function makeDirectory(dir: string): void {
  if (existsSync(dir)) return;
  makeDirectory(dirname(dir));
  try {
    mkdirSync(dir, { mode: 0o755 });
  } catch (error) {
    // Another Halo has just made it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function startHeart(file: string, mine: string, log: Logger, options: LockOptions): NodeJS.Timeout {
  const heart = setInterval(() => {
    try {
      const contents = readOptional(file);
      if (contents === mine) return utimesSync(file, new Date(), new Date());
      // Somebody has removed it by hand: only another Halo's in its place says that the directory is lost.
      if (contents === undefined) return;
      clearInterval(heart);
      const { host, pid } = parseLock(contents);
      log.error({ component: 'db', host, pid }, 'another Halo has taken the data directory');
      options.onLost?.();
    } catch (error) {
      log.warn({ component: 'db' }, `the lock of the data directory was not touched: ${messageOf(error)}`);
    }
  }, options.heartbeatMs ?? HEARTBEAT_MS);
  return heart.unref();
}

/**
 * The lock appears whole or not at all: it is written aside and linked into place, which fails when one is
 * there. So a torn lock can only come from a machine that went down, and never from a Halo that is starting.
 */
function take(file: string, mine: string, log: Logger): void {
  // Two containers may both have a process of our number: the name aside has to be ours alone.
  const aside = `${file}.${randomUUID()}`;
  writeFileSync(aside, mine);
  try {
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      if (linked(aside, file)) return;
      const found = readOptional(file);
      if (found === undefined || !inheritLock(file, found, aside, refuseLiving)) continue;
      const { pid, host } = parseLock(found);
      log.info({ component: 'db', pid, host }, 'took over the lock of a Halo that is gone');
      return;
    }
  } finally {
    rmSync(aside, { force: true });
  }
  throw inUse('Several Halos contend for this data directory.');
}

function refuseLiving(lock: string, at: string): void {
  const refusal = refusalOf(parseLock(lock), at);
  if (refusal !== undefined) throw refusal;
}

/** Why the lock that lies at `file` may not be taken; undefined when its holder is gone. */
function refusalOf({ pid, started, host, space }: Holder, file: string): HaloError | undefined {
  if (space === undefined || space === processSpace()) {
    const lives = started !== undefined && startOfProcess(pid) === started;
    return lives ? inUse(`Another Halo (process ${pid}) uses this data directory.`) : undefined;
  }
  const age = ageMs(file);
  if (age === undefined || age > SILENT_MS) return undefined;
  const silentS = Math.max(0, Math.round(age / 1000));
  return inUse(
    `Another Halo (process ${pid} of ${host ?? 'another machine'}, which cannot be seen from here) used this data directory ${silentS} s ago.`,
    `Stop it first; if it is gone already, start again in ${SILENT_MS / 1000 - silentS + 1} s.`,
  );
}

function inUse(
  message: string,
  hint = 'Stop it first, or set HALO_DATA_DIR to another directory.',
): HaloError {
  return new HaloError('data_dir_in_use', message, { field: 'HALO_DATA_DIR', hint });
}
