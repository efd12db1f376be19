import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lockDataDir } from '../../server/db/data-dir-lock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { startProcess } from '../support/process.ts';

const PROCESSES = 8;
const RACE_MS = 4_000;

it('of many processes that race for a stale lock, one at a time holds the data directory', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-lock-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const children = Array.from({ length: PROCESSES }, () =>
    startProcess('tests/integration/data-dir-lock-child.ts', [dir, String(RACE_MS)], {}),
  );
  const counts = await Promise.all(
    children.map(async (child) => {
      const [line] = await child.waitFor(/^{"held":.*}$/m);
      return JSON.parse(line) as { held: number; together: number };
    }),
  );
  await Promise.all(children.map((child) => child.exited));
  expect(counts.reduce((sum, { held }) => sum + held, 0)).toBeGreaterThan(PROCESSES);
  expect(counts.reduce((sum, { together }) => sum + together, 0)).toBe(0);
  // All have died with it or without it: it can be had.
  lockDataDir(dir, createLogger('silent')).release();
});
