import { expect, it } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { createFileCalls } from './file-calls.ts';

it('waits for no call for ever, begins none beside one that hangs, and goes on when that returns', async () => {
  const files = createFileCalls({ callMs: 20, syncMs: 20 });
  let answer = (_: string) => {};
  const hangs = () => new Promise<string>((resolve) => (answer = resolve));
  let begun = 0;
  const works = () => Promise.resolve((begun += 1));
  for (const how of ['call', 'sync'] as const) {
    await expect(files[how](hangs)).rejects.toMatchObject({ code: 'backup_place_hangs' });
    await expect(files.call(works)).rejects.toMatchObject({ code: 'backup_place_hangs' });
    expect(begun).toBe(0);
    answer('late');
    await eventually(() => expect(files.call(() => Promise.resolve('again'))).resolves.toBe('again'));
  }
  await expect(files.call(() => Promise.reject(new Error('as it fails')))).rejects.toThrow('as it fails');
});
