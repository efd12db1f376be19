import { mkdtempSync, rmSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { nodeStore } from './index.ts';

/** Directories whose names in them have been made durable. */
const synced = vi.hoisted(() => new Set<string>());

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  const paths = new Map<number, string>();
  return {
    ...fs,
    openSync(...args: Parameters<typeof fs.openSync>) {
      const fd = fs.openSync(...args);
      paths.set(fd, String(args[0]));
      return fd;
    },
    fsyncSync(fd: number) {
      fs.fsyncSync(fd);
      synced.add(paths.get(fd) ?? '');
    },
  };
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'halo-durable-'));
  synced.clear();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('invariant 1: the way to a new outbox is as durable as what is in it', async () => {
  const dir = join(root, 'app', 'device');
  const store = nodeStore(dir);
  const outbox = await store.openOutbox('account');
  for (const parent of [root, join(root, 'app'), dir, join(dir, 'account')]) expect(synced).toContain(parent);
  await outbox.close();
  await store.close();
  synced.clear();
  await (await store.openOutbox('account')).close();
  await store.close();
  expect([...synced]).toEqual([]);
});
