import { randomUUID } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Contest {
  /** The lock's own file in the directory. */
  readonly file: string;
  /** What a process that died long ago would have left in it. */
  stale(token: string): object;
  /** Takes the lock; undefined while another holds it. */
  take(dir: string): { release(): void } | undefined;
  /** Longest that the lock is held, in milliseconds. */
  readonly maxHoldMs: number;
}

/**
 * Races for a lock until its time is over; directory and time are the process's arguments. Whoever has it makes a
 * witness that may not be there yet, and leaves a stale lock behind, so that nearly every turn is a takeover. Says
 * how often it held the lock and how often another held it too; then it dies with the lock in its hands.
 */
export function contend(contest: Contest): void {
  const [dir, durationMs] = process.argv.slice(2) as [string, string];
  const witness = join(dir, 'witness');
  const endsAt = Date.now() + Number(durationMs);
  let held = 0;
  let together = 0;
  while (Date.now() < endsAt) {
    const lock = contest.take(dir);
    if (lock === undefined) continue;
    held += 1;
    try {
      writeFileSync(witness, '', { flag: 'wx' });
      holdFor(Math.random() * contest.maxHoldMs);
      rmSync(witness);
    } catch {
      together += 1;
    }
    lock.release();
    leaveStaleLock(dir, contest);
  }
  process.stdout.write(`${JSON.stringify({ held, together })}\n`, () => {
    contest.take(dir);
    process.kill(process.pid, 'SIGKILL');
  });
}

/** What `take` throws when another holds it becomes undefined. */
export function unlessHeld<T>(code: string, take: () => T): T | undefined {
  try {
    return take();
  } catch (error) {
    if ((error as { code?: unknown }).code === code) return undefined;
    throw error;
  }
}

function holdFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** As if a process had taken the lock and died; where another has it by now, nothing is left. */
function leaveStaleLock(dir: string, { file, stale }: Contest): void {
  const token = randomUUID();
  const aside = join(dir, `stale.${token}`);
  writeFileSync(aside, JSON.stringify(stale(token)));
  try {
    linkSync(aside, join(dir, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
}
