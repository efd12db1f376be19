// What @halo/client adds to an app, PGlite apart.
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { PACKAGES } from './build.mjs';

const [{ out: shapes }, { out: client }] = PACKAGES;
const ENTRY = 'halo-size-entry';

/** What the replica's worker loads at a device's first start alone. */
const FIRST_START = /(empty-replica|fetch-prepared)-[^/]*$/;

/**
 * Gzipped bytes of an app that does nothing but use these names: `{ '@halo/client': ['openHalo'] }`: what it loads to start,
 * the replica's worker included, and what it loads later, when it is needed. Neither PGlite is counted, nor the empty
 * replica, nor React.
 */
export async function gzippedBytes(names) {
  const lines = Object.entries(names).map(
    ([module, used], n) =>
      `import { ${used.map((name, i) => `${name} as u${n}_${i}`).join(', ')} } from '${module}';\n` +
      used.map((_name, i) => `globalThis.used?.(u${n}_${i});`).join('\n'),
  );
  const external = /^(@electric-sql\/pglite|react($|\/))/;
  const { output } = await build({
    root: client,
    configFile: false,
    logLevel: 'error',
    plugins: [builtPackages(lines.join('\n'))],
    worker: { format: 'es', rolldownOptions: { external }, plugins: () => [builtPackages('')] },
    build: {
      write: false,
      minify: true,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: { input: ENTRY, external },
    },
  });
  const later = (file) => (file.type === 'chunk' && file.isDynamicEntry) || FIRST_START.test(file.fileName);
  const code = output.filter(({ fileName }) => !fileName.endsWith('.bin'));
  return {
    start: total(code.filter((file) => !later(file))),
    later: total(code.filter(later)),
  };
}

function total(files) {
  return files.reduce(
    (sum, file) => sum + gzipSync(file.type === 'chunk' ? file.code : file.source).length,
    0,
  );
}

/** Finds the packages where they were built, as a bundler would find them where they were installed. */
function builtPackages(entry) {
  return {
    name: 'halo-built-packages',
    enforce: 'pre',
    resolveId(id) {
      if (id === ENTRY) return `\0${ENTRY}`;
      if (id === '@halo/client') return join(client, 'index.js');
      if (id === '@halo/client/browser') return join(client, 'platform/browser/index.js');
      if (id.startsWith('@halo/shapes/')) return join(shapes, `${id.slice('@halo/shapes/'.length)}.js`);
      return undefined;
    },
    load: (id) => (id === `\0${ENTRY}` ? entry : undefined),
  };
}
