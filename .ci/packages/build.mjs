// Builds @halo/shapes and @halo/client for npm: each into `dist/package` of its folder, as ES modules with types.
// In this repository everything runs from the sources, so that nothing has to be built before a test; the manifest of
// what is published is therefore made here, from the one that names the sources.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesOf, manifest, repositoryOf } from './manifest.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What is generated for the packages, and lies at the same place within the sources and within the package. */
const GENERATED = join('dist', 'replica');
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** The packages in the order in which they are built: the later ones are compiled against the earlier ones' types. */
export const PACKAGES = [
  { folder: join(ROOT, 'shapes'), sideEffects: false },
  // The worker is an entry that nobody imports by name.
  { folder: join(ROOT, 'client-sdk'), sideEffects: ['./platform/browser/replica-worker.js'] },
].map((one) => ({ ...one, out: join(one.folder, 'dist', 'package') }));

/** Builds all packages anew; throws with the compiler's words. */
export function buildPackages() {
  prepareReplica();
  for (const { folder, out, sideEffects } of PACKAGES) {
    rmSync(out, { recursive: true, force: true });
    const project = join(folder, 'tsconfig.build.json');
    const done = spawnSync(process.execPath, [TSC, '-p', project], { cwd: ROOT, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${relative(ROOT, project)}:\n${done.stdout}${done.stderr}`);
    for (const file of filesOf(out, /\.(js|d\.ts)$/)) nameBuiltFiles(file);
    const source = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const repository = repositoryOf(relative(ROOT, folder).split(sep).join('/'), process.env);
    const published = manifest(source, { out, sideEffects, repository });
    writeFileSync(join(out, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
    if (existsSync(join(folder, GENERATED)))
      cpSync(join(folder, GENERATED), join(out, GENERATED), { recursive: true });
    copyFileSync(join(folder, 'README.md'), join(out, 'README.md'));
    copyFileSync(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
  }
}

/** In a process of its own: what builds the packages waits for nothing. */
function prepareReplica() {
  const script = fileURLToPath(new URL('./prepared-replica.mjs', import.meta.url));
  const done = spawnSync(process.execPath, [script], { cwd: ROOT, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${relative(ROOT, script)}:\n${done.stdout}${done.stderr}`);
}

/**
 * Makes a file name built files where it still names sources: the compiler does so for relative imports of code
 * alone, not for those of types, nor for the other package's modules, nor for the worker's URL.
 */
function nameBuiltFiles(file) {
  const text = readFileSync(file, 'utf8')
    .replace(/((?:\bfrom|\bimport|\bimport\() ?')(\.[^']+?)\.tsx?'/g, "$1$2.js'")
    .replace(/(\bnew URL\(')(\.[^']+?)\.ts'/g, "$1$2.js'")
    .replace(/'(@halo\/shapes\/[^']+?)\.ts'/g, "'$1'");
  const left = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\() ?['"][^'"]+\.tsx?['"]/.exec(text);
  if (left !== null) throw new Error(`${relative(ROOT, file)} still names a source: ${left[0]}`);
  writeFileSync(file, text);
}
