// What `npm run check` runs: every static check, so that one run shows all that is wrong.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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

// The longest first: they run beside each other.
const steps = [
  ['lint', 'npx', ['eslint', '--max-warnings', '0', '.']],
  ['format', 'npx', ['prettier', '--check', '--log-level', 'warn', '.']],
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
  ['migrations', process.execPath, ['.ci/check-migrations.mjs']],
  ['file sizes', process.execPath, ['.ci/check-sizes.mjs']],
];

function outcomeOf(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => (output += text));
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ passed: false, output: error.message }));
    child.once('close', (code) => resolve({ passed: code === 0, output }));
  });
}

async function runNext() {
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    const [name, command, args] = step;
    const startedAt = performance.now();
    const { passed, output } = await outcomeOf(command, args);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(
      `${passed ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n${passed ? '' : `${output}\n`}`,
    );
    if (!passed) process.exitCode = 1;
  }
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, runNext));
