import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { linked, readOptional, renamed } from './lock-file.ts';

/** Heirs that died one after the other, each in the instant between inheriting and taking the lock's name. */
const MAX_DEAD_HEIRS = 100;

/**
 * Puts the lock that lies at `aside` in the place of the stale one that `file` was found to say, `first`. False
 * when the lock has changed hands meanwhile. `refuseLiving` throws when the holder that a lock names is not gone.
 *
 * Moving the stale lock away would not do: between reading and moving, another contender may have put its own
 * there, and while that one is away a third finds the place empty. So the place never is: the heir gives its own
 * lock a second name that is made of what the stale one says, which only one can do, and then moves it over
 * the stale one. An heir that dies in between has heirs itself, so the holder is the last of a chain.
 */
export function inheritLock(
  file: string,
  first: string,
  aside: string,
  refuseLiving: (lock: string, at: string) => void,
): boolean {
  let last = first;
  let at = file;
  for (let dead = 0; dead <= MAX_DEAD_HEIRS; dead += 1) {
    refuseLiving(last, at);
    const heir = `${file}.heir.${createHash('sha256').update(last).digest('hex')}`;
    if (linked(aside, heir)) return succeed(file, first, aside, heir, refuseLiving);
    const next = readOptional(heir);
    if (next === undefined) return false;
    last = next;
    at = heir;
  }
  return false;
}

/**
 * The chain may have been swept away since it was read, and its names with it: then the lock says something else
 * by now, and the heir has inherited nothing. And the first holder's heart may beat again: then it keeps the lock.
 */
function succeed(
  file: string,
  first: string,
  aside: string,
  heir: string,
  refuseLiving: (lock: string, at: string) => void,
): boolean {
  try {
    if (readOptional(file) !== first) return false;
    refuseLiving(first, file);
    if (!renamed(aside, file)) return false;
    sweepHeirs(file);
    return true;
  } finally {
    rmSync(heir, { force: true });
  }
}

/** Only the lock's holder may: the names tell others that the stale lock has an heir. */
function sweepHeirs(file: string): void {
  const dir = dirname(file);
  for (const name of readdirSync(dir)) {
    if (name.startsWith(`${basename(file)}.heir.`)) rmSync(join(dir, name), { force: true });
  }
}
