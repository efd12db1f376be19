import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { startByPs, startOfProcess } from './process-identity.ts';

it.each([
  ['the platform', startOfProcess],
  ['ps', startByPs],
])('tells by %s when a process began, the same each time, until it is gone', async (_, startOf) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const start = startOf(child.pid!);
  expect(start).toEqual(expect.any(String));
  expect(startOf(child.pid!)).toBe(start);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(startOf(child.pid!)).toBeUndefined();
});

it('tells nothing of a number that is no process', () => {
  for (const pid of [-1, 0, 1.5, 999_999_999]) expect(startOfProcess(pid)).toBeUndefined();
});
