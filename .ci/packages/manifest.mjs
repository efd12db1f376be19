// The manifest that a package is published with, made of the one that names its sources.
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * The source's manifest with built files for sources, and nothing that is only for this repository.
 *
 * @param {{ exports: Record<string, string>, private?: boolean }} source
 * @param {{ out: string, sideEffects: boolean | string[], repository?: object }} made `out` is the folder of what was built
 */
export function manifest({ exports, ...source }, { out, sideEffects, repository }) {
  delete source.private;
  const entries = Object.entries(exports).flatMap(([name, file]) =>
    name.endsWith('/*') ? everyModule(out) : [[name, built(file)]],
  );
  return {
    ...source,
    ...(repository && { repository }),
    engines: { node: '>=20.19.0' },
    sideEffects,
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
  };
}

/**
 * Where the sources of the package in the folder `directory` are: the repository whose pipeline runs. Undefined elsewhere: a fork, or a
 * repository that moves, has nothing to edit.
 */
export function repositoryOf(directory, { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name }) {
  if (!server || !name) return undefined;
  return { type: 'git', url: `git+${server}/${name}.git`, directory };
}

/** Why a registry would refuse these manifests with provenance; undefined where it would not. */
export function provenanceFault(manifests) {
  const without = manifests.filter(({ repository }) => !repository?.url).map(({ name }) => name);
  if (without.length === 0) return undefined;
  return `${without.join(' and ')} would be refused with provenance (E422), since no repository is named: GITHUB_SERVER_URL and GITHUB_REPOSITORY, which GitHub's pipeline sets, are missing. By hand: --by-hand, without provenance.`;
}

const built = (file) => {
  const stem = file.replace(/\.tsx?$/, '');
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
};

/** A package whose every module may be imported names each, so that what is not there is told at once. */
function everyModule(out) {
  const names = filesOf(out, /\.js$/).map((file) => relative(out, file).split(sep).join('/').slice(0, -3));
  return names.toSorted().map((name) => [`./${name}`, built(`./${name}.ts`)]);
}

/** All files below `folder` whose names match. */
export function filesOf(folder, pattern) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
