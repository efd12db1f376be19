import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache');
/** Names the folder of the built programs to the workers of a test run. */
const FOLDER = 'HALO_TEST_PROGRAMS';

/** What tests start as processes of their own. */
const PROGRAMS = [
  'server/main.ts',
  'server/demo/main.ts',
  'server/import/main.ts',
  'server/operator/main.ts',
  'tests/end-to-end/device.ts',
  'tests/end-to-end/outbox-child.ts',
  'tests/integration/client-crash-child.ts',
  'tests/integration/client-lock-child.ts',
  'tests/integration/data-dir-lock-child.ts',
  'tests/oracle/oracle-server.ts',
  'tests/support/lock-race-child.ts',
];

/**
 * Builds the programs of a test run once: turned into JavaScript anew by each of a hundred processes, they would take
 * seconds of processor time each. Resolves with what removes them again.
 */
export default async function buildPrograms(): Promise<() => void> {
  mkdirSync(CACHE, { recursive: true });
  // Within the repository, so that packages are found from there.
  const folder = mkdtempSync(join(CACHE, 'halo-programs-'));
  await bundlePrograms(ROOT, PROGRAMS, folder);
  process.env[FOLDER] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Builds TypeScript entries of the sources in `root` into the folder `outdir`, which is within a tree that has their packages. */
export async function bundlePrograms(
  root: string,
  entryPoints: readonly string[],
  outdir: string,
): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [...entryPoints],
    outdir,
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    plugins: [ownCodeOnly, sourceUrls],
  });
}

/** How Node runs a program of this repository: as it was built for this test run, or from its source. */
export function commandOf(entry: string): readonly string[] {
  const folder = process.env[FOLDER];
  return folder === undefined || !PROGRAMS.includes(entry)
    ? ['--import', 'tsx', entry]
    : [join(folder, entry.replace(/\.ts$/, '.mjs'))];
}

const ownCodeOnly: Plugin = {
  name: 'own-code-only',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@halo/') ? undefined : { path, external: true },
    );
  },
};

/** Files that code reads from beside itself stay where they are. */
const sourceUrls: Plugin = {
  name: 'source-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('import.meta.url')) return undefined;
      const url = JSON.stringify(pathToFileURL(path).href);
      return {
        contents: source.replaceAll('import.meta.url', url),
        loader: path.endsWith('x') ? 'tsx' : 'ts',
      };
    });
  },
};
