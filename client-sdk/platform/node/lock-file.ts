import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HaloClientError } from '../../errors.ts';
import { makeDirectory } from './durable-files.ts';
import { isRunning, startOf } from './process-start.ts';

/** Holds a store's directory for one process. */
export interface StoreLock {
  release(): void;
}

/** Turns a contender takes: each time it lost one, another contender had won it. */
const MAX_TURNS = 20;
/** Heirs that died one after the other, each in the instant between inheriting and taking the lock's name. */
const MAX_DEAD_HEIRS = 100;

/** Directories that this very process holds: a second store on one of them is refused too. */
const heldHere = new Set<string>();

/**
 * Takes a store's directory for this process. Fails with `store_in_use` while another live process holds it;
 * the lock of one that is gone, or whose number now belongs to another program, is taken over.
 *
 * A stale lock cannot just be moved away: between reading it and moving it, another contender may have put its
 * own in its place. So it is inherited: the heir links its own lock to a name that is made of what the stale
 * one says, which only one can do, and then renames it over the stale one. An heir that dies before that has
 * heirs itself. Who holds the store is thus the last of a chain that begins with the file `lock`.
 */
export function lockStore(dir: string): StoreLock {
  const path = resolve(dir);
  makeDirectory(path);
  const file = join(path, 'lock');
  if (heldHere.has(path)) throw inUse(file, process.pid);
  const token = randomUUID();
  const mine = JSON.stringify({ pid: process.pid, start: startOf(process.pid), token });
  take(file, mine, `${file}.new.${token}`);
  heldHere.add(path);
  return {
    release() {
      if (!heldHere.delete(path)) return;
      if (readOptional(file) === mine) rmSync(file, { force: true });
    },
  };
}

/** The lock appears whole or not at all: it is written, durably, at `aside` and linked into its place. */
function take(file: string, mine: string, aside: string): void {
  try {
    writeFileSync(aside, mine, { flag: 'wx', mode: 0o600, flush: true });
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      if (isLinked(aside, file)) return;
      const found = readOptional(file);
      if (found !== undefined && inherits(file, found, aside)) return;
    }
  } finally {
    rmSync(aside, { force: true });
  }
  throw inUse(file, undefined);
}

/**
 * Takes the lock over from `first`, which it was found to say, or from the last of its heirs. False when the
 * lock has changed hands meanwhile; fails with `store_in_use` when that last one lives.
 */
function inherits(file: string, first: string, aside: string): boolean {
  let last = first;
  for (let dead = 0; dead <= MAX_DEAD_HEIRS; dead += 1) {
    refuseLiving(file, last);
    const heir = `${file}.heir.${createHash('sha256').update(last).digest('hex')}`;
    if (isLinked(aside, heir)) return succeeds(file, first, aside, heir);
    const next = readOptional(heir);
    if (next === undefined) return false;
    last = next;
  }
  throw inUse(file, undefined);
}

/**
 * Puts an heir's lock in the place of the first of its chain. The chain may have been swept away since it was
 * read, and its names with it: then the lock says something else by now, and the heir has inherited nothing.
 */
function succeeds(file: string, first: string, aside: string, heir: string): boolean {
  try {
    if (readOptional(file) !== first) return false;
    renameSync(aside, file);
    sweep(file);
    return true;
  } finally {
    rmSync(heir, { force: true });
  }
}

/** Removes the names of heirs, and what contenders that died left behind. Only the lock's holder may. */
function sweep(file: string): void {
  try {
    const dir = join(file, '..');
    for (const name of readdirSync(dir)) {
      const path = join(dir, name);
      if (name.startsWith('lock.heir.') || (name.startsWith('lock.new.') && isAbandoned(path)))
        rmSync(path, { force: true });
    }
  } catch {
    // The lock is held; litter does no harm, and is swept at another time.
  }
}

/** Whether the process that wrote this has gone. One that says nothing may be about to be written. */
function isAbandoned(path: string): boolean {
  const text = readOptional(path) ?? '';
  return parse(text).pid > 0 && !isLiving(text);
}

function refuseLiving(file: string, text: string): void {
  if (isLiving(text)) throw inUse(file, parse(text).pid);
}

/** Whether the process that a lock names still runs. A lock torn by a crash names nobody alive. */
function isLiving(text: string): boolean {
  const { pid, start } = parse(text);
  // Without a start there is only the number, and a lock with this process's own was made by one before it.
  if (pid === process.pid && start === undefined) return false;
  return isRunning(pid, start);
}

interface Holder {
  readonly pid: number;
  readonly start: string | undefined;
}

function parse(text: string): Holder {
  try {
    const { pid, start } = JSON.parse(text) as { pid?: unknown; start?: unknown };
    return {
      pid: typeof pid === 'number' ? pid : -1,
      start: typeof start === 'string' ? start : undefined,
    };
  } catch {
    return { pid: -1, start: undefined };
  }
}

function inUse(file: string, pid: number | undefined): HaloClientError {
  const holder = pid === undefined ? 'several processes' : `process ${pid}`;
  return new HaloClientError(
    'store_in_use',
    `The store ${join(file, '..')} is in use by ${holder}. Close it first.`,
  );
}

/** Gives the file at `from` the name `to` as well; false when that name is taken. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
