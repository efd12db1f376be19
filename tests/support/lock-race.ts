import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { startProcess } from './process.ts';

const RACE_MS = 4_000;

/**
 * Lets so many processes of `script` (see `lock-race-child.ts`) race for a stale lock, and expects that one at a time
 * had it. Returns the directory of the lock, which all of them have left.
 */
export async function expectOneHolder(script: string, processes: number): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-lock-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const children = Array.from({ length: processes }, () => startProcess(script, [dir, String(RACE_MS)], {}));
  const counts = await Promise.all(
    children.map(async (child) => {
      const [line] = await child.waitFor(/^{"held":.*}$/m);
      return JSON.parse(line) as { held: number; together: number };
    }),
  );
  await Promise.all(children.map((child) => child.exited));
  expect(counts.reduce((sum, { held }) => sum + held, 0)).toBeGreaterThan(processes);
  expect(counts.reduce((sum, { together }) => sum + together, 0)).toBe(0);
  return dir;
}
