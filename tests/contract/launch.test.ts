import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A tree such as the image's: packages that are installed, no lock, and of all commands two that tell their arguments. */
function makeImageTree(): string {
  const dir = mkdtempSync(join(tmpdir(), 'halo-launch-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'server', 'backup'), { recursive: true });
  cpSync(join(ROOT, 'server', 'launch.mjs'), join(dir, 'server', 'launch.mjs'));
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  for (const entry of ['main.ts', 'backup/backup-main.ts'])
    writeFileSync(join(dir, 'server', entry), 'console.log(process.argv.slice(2).join() as string);');
  return dir;
}

function launch(dir: string, ...args: string[]) {
  const env = { PATH: '/nowhere' };
  return spawnSync(process.execPath, ['server/launch.mjs', ...args], { cwd: dir, env, encoding: 'utf8' });
}

it('runs a command of an image, which has no lock, without installing or building anything', () => {
  const dir = makeImageTree();
  for (const command of ['backup', 'start'])
    expect(launch(dir, command, '--one', 'two')).toMatchObject({
      stdout: '--one,two\n',
      stderr: '',
      status: 0,
    });
});

it('says in a sentence that a command is not in an image', () => {
  const { status, stderr } = launch(makeImageTree(), 'check');
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: '`npm run check` needs a clone: an image does not hold what it runs.\n',
  });
});
