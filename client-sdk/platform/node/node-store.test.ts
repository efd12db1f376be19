import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillDisk } from '../../../tests/support/full-disk.ts';
import { replaceFile } from './durable-files.ts';
import { nodeStore } from './index.ts';
import { lockStore } from './lock-file.ts';
import { startOf } from './process-start.ts';
import { settingsFile } from './settings-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'halo-store-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('the lock of a store', () => {
  it('lets in one at a time', () => {
    const lock = lockStore(dir);
    expect(() => lockStore(dir)).toThrow(expect.objectContaining({ code: 'store_in_use' }));
    lock.release();
    lockStore(dir).release();
  });

  it('is respected while the process that holds it lives, and taken over when it is gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await writeFile(join(dir, 'lock'), lockOf(child.pid!, startOf(child.pid!)));
    expect(() => lockStore(dir)).toThrow(expect.objectContaining({ code: 'store_in_use' }));
    child.kill('SIGKILL');
    await exited;
    lockStore(dir).release();
  });

  it.each(['', '{"pid":', JSON.stringify({ pid: process.pid, start: 'another process with this number' })])(
    'is taken over when it says %j',
    async (text) => {
      await writeFile(join(dir, 'lock'), text);
      lockStore(dir).release();
    },
  );

  it('goes to the last heir of a stale one, and is taken over from an heir that died before it had it', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const stale = lockOf(process.pid, 'another process with this number');
    await writeFile(join(dir, 'lock'), stale);
    const heir = `lock.heir.${createHash('sha256').update(stale).digest('hex')}`;
    await writeFile(join(dir, heir), lockOf(child.pid!, startOf(child.pid!)));
    expect(() => lockStore(dir)).toThrow(expect.objectContaining({ code: 'store_in_use' }));
    child.kill('SIGKILL');
    await exited;
    const lock = lockStore(dir);
    expect(await readdir(dir)).toEqual(['lock']);
    expect(JSON.parse(await readFile(join(dir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
    expect(await readdir(dir)).toEqual([]);
  });

  it("leaves another's lock alone when it is released", async () => {
    const lock = lockStore(dir);
    await writeFile(join(dir, 'lock'), 'of another');
    lock.release();
    expect(await readFile(join(dir, 'lock'), 'utf8')).toBe('of another');
  });
});

function lockOf(pid: number, start: string | undefined): string {
  return JSON.stringify({ pid, start, token: 'of a test' });
}

describe('settings', () => {
  it('keeps what was set, for the owner alone, and forgets what was deleted', async () => {
    const settings = settingsFile(join(dir, 'deep', 'settings.json'));
    await Promise.all([settings.set('a', '1'), settings.set('b', '2'), settings.set('a', '3')]);
    await settings.delete('b');
    const again = settingsFile(join(dir, 'deep', 'settings.json'));
    expect(await again.get('a')).toBe('3');
    expect(await again.get('b')).toBeUndefined();
    expect((await stat(join(dir, 'deep', 'settings.json'))).mode & 0o777).toBe(0o600);
  });

  it('are neither read nor changed while another holds the store, nor remembered from before', async () => {
    const [holder, other] = [nodeStore(dir), nodeStore(dir)];
    await holder.settings.set('session', 'first');
    await expect(other.settings.set('session', 'of a second process')).rejects.toMatchObject({
      code: 'store_in_use',
    });
    await expect(other.settings.get('session')).rejects.toMatchObject({ code: 'store_in_use' });
    await holder.settings.set('session', 'rotated');
    await holder.close();
    expect(await other.settings.get('session')).toBe('rotated');
    await other.close();
  });

  it('says by a code that there is no room for a value, and keeps the one before', async () => {
    const settings = settingsFile(join(dir, 'settings.json'));
    await settings.set('a', '1');
    const disk = await fillDisk(join(dir, 'settings.json'));
    await expect(settings.set('a', '2')).rejects.toMatchObject({ code: 'store_full' });
    disk.makeRoom();
    expect(await settingsFile(join(dir, 'settings.json')).get('a')).toBe('1');
  });

  it('does not guess when the file is no JSON', async () => {
    await writeFile(join(dir, 'settings.json'), '{"deviceId": "0');
    await expect(settingsFile(join(dir, 'settings.json')).get('deviceId')).rejects.toMatchObject({
      code: 'store_damaged',
    });
  });
});

it('a file that cannot be replaced stands as it was, and nothing is left beside it', async () => {
  const file = join(dir, 'file');
  // The new file is written whole; a folder that is not empty cannot be renamed over.
  await mkdir(join(file, 'in the way'), { recursive: true });
  await expect(replaceFile(file, ['new'], 'a+')).rejects.toThrow();
  expect(await readdir(dir)).toEqual(['file']);
  expect(await readdir(file)).toEqual(['in the way']);
});
