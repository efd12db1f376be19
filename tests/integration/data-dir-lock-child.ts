import { randomUUID } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataDir } from '../../server/db/data-dir-lock.ts';
import type { DataDirLock } from '../../server/db/data-dir-lock.ts';
import { createLogger } from '../../server/platform/logger.ts';

/**
 * Races for the lock of a data directory until its time is over. Whoever has it makes a witness that may not be
 * there yet, and leaves a stale lock behind, so that nearly every turn is a takeover. Says how often it held the
 * lock and how often another held it too; then it dies with the lock in its hands.
 */
const MAX_HOLD_MS = 4;
const [dir, durationMs] = process.argv.slice(2) as [string, string];
const log = createLogger('silent');
const witness = join(dir, 'witness');
const endsAt = Date.now() + Number(durationMs);
let held = 0;
let together = 0;

while (Date.now() < endsAt) {
  const lock = tryLock();
  if (lock === undefined) continue;
  held += 1;
  try {
    writeFileSync(witness, '', { flag: 'wx' });
    holdFor(Math.random() * MAX_HOLD_MS);
    rmSync(witness);
  } catch {
    together += 1;
  }
  lock.release();
  leaveStaleLock();
}
process.stdout.write(`${JSON.stringify({ held, together })}\n`, () => {
  tryLock();
  process.kill(process.pid, 'SIGKILL');
});

function holdFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function tryLock(): DataDirLock | undefined {
  try {
    return lockDataDir(dir, log);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'data_dir_in_use') return undefined;
    throw error;
  }
}

/** As if a process had taken the lock and died; where another has it by now, nothing is left. */
function leaveStaleLock(): void {
  const aside = join(dir, `stale.${randomUUID()}`);
  writeFileSync(aside, JSON.stringify({ pid: process.pid, started: 'long ago', token: randomUUID() }));
  try {
    linkSync(aside, join(dir, 'halo.lock'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
}
