import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockStore } from './lock-file.ts';
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
    const statText = await readFile(`/proc/${child.pid}/stat`, 'latin1');
    const start = statText.slice(statText.lastIndexOf(')') + 2).split(' ')[19];
    await writeFile(join(dir, 'lock'), JSON.stringify({ pid: child.pid, start }));
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
});

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

  it('does not guess when the file is no JSON', async () => {
    await writeFile(join(dir, 'settings.json'), '{"deviceId": "0');
    await expect(settingsFile(join(dir, 'settings.json')).get('deviceId')).rejects.toMatchObject({
      code: 'store_damaged',
    });
  });
});
