// Packs the built packages as npm would publish them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Packs the package in `folder` into `into`; returns the tarball's path. No script of the package runs, nothing is asked of the network. */
export function pack(folder, into) {
  const args = ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination', into];
  const isWindows = process.platform === 'win32';
  const done = spawnSync(isWindows ? 'npm.cmd' : 'npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: isWindows,
  });
  if (done.status !== 0) throw new Error(`npm pack in ${folder}:\n${done.stdout}${done.stderr}`);
  const told = JSON.parse(done.stdout);
  // npm 12 tells by name what npm 11 tells in a list.
  const [{ filename }] = Array.isArray(told) ? told : Object.values(told);
  return join(into, filename);
}
