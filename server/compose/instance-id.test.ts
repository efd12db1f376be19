import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadInstanceId } from './instance-id.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-instance-id-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

it('makes an id once and keeps it', async () => {
  const id = await loadInstanceId(dir);
  expect(id).toMatch(/^[0-9a-f]{12}$/);
  expect(await loadInstanceId(dir)).toBe(id);
  expect(readdirSync(dir)).toEqual(['instance-id']);
});

it.each(['', '\n', '\0'.repeat(13)])(
  'makes a new one in place of what a power cut left: %j',
  async (left) => {
    writeFileSync(join(dir, 'instance-id'), left);
    const id = await loadInstanceId(dir);
    expect(readFileSync(join(dir, 'instance-id'), 'utf8')).toBe(`${id}\n`);
  },
);

it.each(['0123456789', 'halo_0123456789ab', '0123456789AB', `x'; DROP TABLE users`])(
  'names the file that holds something else, and leaves it as it is: %j',
  async (text) => {
    writeFileSync(join(dir, 'instance-id'), text);
    await expect(loadInstanceId(dir)).rejects.toMatchObject({
      code: 'instance_id_invalid',
      message: expect.stringContaining(join(dir, 'instance-id')) as string,
    });
    expect(readFileSync(join(dir, 'instance-id'), 'utf8')).toBe(text);
  },
);
