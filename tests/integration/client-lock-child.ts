import { randomUUID } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockStore } from '../../client-sdk/platform/node/lock-file.ts';

/**
 * Races for a store's lock until its time is over. Whoever has it makes a witness that may not be there yet,
 * and leaves a stale lock behind, so that nearly every turn is a takeover. Says how often it held the lock and
 * how often another held it too; then it dies with the lock in its hands.
 */
const [dir, durationMs] = process.argv.slice(2) as [string, string];
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

function tryLock(): ReturnType<typeof lockStore> | undefined {
  try {
    return lockStore(dir);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'store_in_use') return undefined;
    throw error;
  }
}

/** As if a process had taken the lock and died; where another has it by now, nothing is left. */
function leaveStaleLock(): void {
  const token = randomUUID();
  const aside = join(dir, `stale.${token}`);
  writeFileSync(aside, JSON.stringify({ pid: process.pid, start: 'long ago', token }));
  try {
    linkSync(aside, join(dir, 'lock'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
}
