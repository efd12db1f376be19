// What `npm run check` runs: every static check, so that one run shows all that is wrong.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const TSCONFIGS = [
  'tsconfig.json',
  'shapes/tsconfig.json',
  'client-sdk/tsconfig.json',
  'client-sdk/platform/node/tsconfig.json',
  'client-sdk/field-app/tsconfig.json',
  'server/console/tsconfig.json',
];

const steps = [
  ['format', 'npx', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['lint', 'npx', ['eslint', '--max-warnings', '0', '.']],
  ...TSCONFIGS.filter((config) => existsSync(config)).map((config) => [
    `types ${config}`,
    'npx',
    ['tsc', '--noEmit', '-p', config],
  ]),
  [
    'boundaries',
    'npx',
    ['depcruise', '--config', '.dependency-cruiser.cjs', 'shapes', 'server', 'client-sdk', 'tests'],
  ],
  ['packages', process.execPath, ['.ci/check-packages.mjs']],
  ['file sizes', process.execPath, ['.ci/check-sizes.mjs']],
];

let failures = 0;
for (const [name, command, args] of steps) {
  const startedAt = performance.now();
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${done.status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  if (done.status === 0) continue;
  failures += 1;
  process.stdout.write(`${done.stdout}${done.stderr}\n`);
}
process.exitCode = failures === 0 ? 0 : 1;
