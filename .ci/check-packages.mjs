// Whether what would be published is fit for it: builds both packages, packs them, and looks at them as others will.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { checkApiDocs } from './packages/api-docs.mjs';
import { PACKAGES, buildPackages } from './packages/build.mjs';
import { pack } from './packages/pack.mjs';
import { gzippedBytes } from './packages/size.mjs';

/** What an app loads to report, sync and query, without PGlite. */
const MAX_CORE_BYTES = 60 * 1000;
/** What an app carries that takes one error class of the client: more means that bundlers cannot drop what is not used. */
const MAX_ERROR_BYTES = 1000;
/** Resolutions that are none of ours: the packages are ES modules with subpaths. */
const NOT_SERVED = ['node10', 'node16-cjs'];

const faults = [];

async function checkManifest(folder, tarball) {
  const buffer = readFileSync(tarball);
  const { messages, pkg } = await publint({ pkgDir: folder, level: 'suggestion', strict: true, pack: false });
  for (const message of messages) faults.push(`publint: ${pkg.name}: ${formatMessage(message, pkg)}`);
  const { problems, types } = await checkPackage(createPackageFromTarballData(new Uint8Array(buffer)));
  if (types === false) faults.push(`${pkg.name}: it has no types`);
  for (const problem of problems ?? []) {
    if (NOT_SERVED.includes(problem.resolutionKind) || NOT_SERVED.includes(problem.resolutionOption))
      continue;
    faults.push(`types: ${pkg.name}: ${JSON.stringify(problem)}`);
  }
}

async function checkSize(what, names, limit) {
  const { start, later } = await gzippedBytes(names);
  process.stdout.write(`${what}: ${start} bytes gzipped of ${limit}, and ${later} when they are needed\n`);
  if (start > limit) faults.push(`${what}: ${start} bytes gzipped, more than ${limit}`);
}

buildPackages();
const packed = mkdtempSync(join(tmpdir(), 'halo-packed-'));
try {
  for (const { out } of PACKAGES) await checkManifest(out, pack(out, packed));
} finally {
  rmSync(packed, { recursive: true, force: true });
}
const core = { '@halo/client': ['openHalo'], '@halo/client/browser': ['browserStore'] };
await checkSize('the client without PGlite', core, MAX_CORE_BYTES);
await checkSize('one error class of it', { '@halo/client': ['HaloClientError'] }, MAX_ERROR_BYTES);
await checkApiDocs();

for (const fault of faults) process.stdout.write(`${fault}\n`);
if (faults.length > 0) process.exit(1);
