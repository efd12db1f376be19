// Publishes each package whose version the registry lacks, built as the checks have seen it, with provenance. `--dry-run` publishes nothing;
// `--by-hand` does without provenance, for the very first time: only of a package that is there can a registry be told whom to trust.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGES, buildPackages } from '../packages/build.mjs';
import { provenanceFault } from '../packages/manifest.mjs';
import { pack } from '../packages/pack.mjs';

const isDryRun = process.argv.includes('--dry-run');
const hasProvenance = !isDryRun && !process.argv.includes('--by-hand');

function npm(args, stdio = 'inherit') {
  return spawnSync('npm', args, { encoding: 'utf8', stdio });
}

buildPackages();
const built = PACKAGES.map(({ out }) => ({
  ...JSON.parse(readFileSync(join(out, 'package.json'), 'utf8')),
  out,
}));
const fault = hasProvenance ? provenanceFault(built) : undefined;
if (fault !== undefined) {
  process.stderr.write(`${fault}\n`);
  process.exit(1);
}
let isNew = false;
const into = mkdtempSync(join(tmpdir(), 'halo-release-'));
for (const { name, version, out } of built) {
  const known = npm(['view', `${name}@${version}`, 'version'], 'pipe');
  if (known.status === 0 && known.stdout.trim() !== '') {
    process.stdout.write(`${name}@${version} is published\n`);
    continue;
  }
  const extra = [...(isDryRun ? ['--dry-run'] : []), ...(hasProvenance ? ['--provenance'] : [])];
  const done = npm(['publish', pack(out, into), '--access', 'public', ...extra]);
  if (done.status !== 0) process.exit(1);
  isNew = !isDryRun;
  process.stdout.write(`${name}@${version} ${isDryRun ? 'would be' : 'is'} published\n`);
}
// Only a commit whose packages this run has published gets their tag.
const { GITHUB_OUTPUT: outputs } = process.env;
if (outputs) appendFileSync(outputs, `published=${isNew ? 'yes' : 'no'}\n`);
