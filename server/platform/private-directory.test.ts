import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makePrivateDirectory } from './private-directory.ts';

it('makes a directory its owner’s alone, one that was open to all too', async () => {
  const root = mkdtempSync(join(tmpdir(), 'halo-private-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const open = join(root, 'open');
  mkdirSync(open);
  chmodSync(open, 0o755);
  for (const dir of [open, join(root, 'new', 'deep')]) {
    await makePrivateDirectory(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  }
});
