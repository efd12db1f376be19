import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { installPackagesOf, run } from './packed-project.ts';
import { bundlePrograms } from './programs.ts';
import type { ShapeOutline } from './shape-breaks.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NAMED_IN = '.ci/previous-version';
/** Bound on the archive of a version. */
const MAX_TREE_BYTES = 1 << 28;

/** The version before this one, as a commit that git knows; or why there is none to test with. */
export type PreviousVersion = { readonly ref: string } | { readonly missing: string };

/** The sources of the previous version with the packages they need, and its client as npm would have installed it. */
export interface PreviousTree {
  /** The root of its sources. */
  readonly dir: string;
  /** Its server, built; it runs in `dir`. */
  readonly serverProgram: string;
  /** The program of a device that is `tests/end-to-end/device.ts` on its packed client. */
  readonly deviceProgram: string;
  /** Its shapes, as its own sources define them. */
  readCatalogue(): Promise<readonly ShapeOutline[]>;
  remove(): void;
}

/**
 * Which version counts as the one before: the newest release (a tag `v*`) in the history before this commit, or, until there is
 * one, the commit that `.ci/previous-version` names.
 */
export function previousVersion(): PreviousVersion {
  const release = git('describe', '--tags', '--abbrev=0', '--match', 'v*', 'HEAD^');
  const ref = release ?? readFileSync(join(ROOT, NAMED_IN), 'utf8').trim();
  if (git('cat-file', '-e', `${ref}^{commit}`) !== undefined) return { ref };
  return { missing: `git does not have ${ref} here: a shallow clone, or no clone` };
}

/** Takes that version's sources out of git, finds their packages and packs and installs its client. */
export async function unpackPreviousVersion(ref: string): Promise<PreviousTree> {
  const top = mkdtempSync(join(tmpdir(), 'halo-previous-'));
  const remove = () => rmSync(top, { recursive: true, force: true });
  try {
    const dir = join(top, 'tree');
    mkdirSync(dir);
    const archive = execFileSync('git', ['archive', ref], { cwd: ROOT, maxBuffer: MAX_TREE_BYTES });
    execFileSync('tar', ['-x', '-C', dir], { input: archive });
    if (hasItsPackages(dir)) linkPackages(dir);
    else await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], dir);
    const programs = join(dir, 'node_modules', '.programs');
    await bundlePrograms(dir, ['server/main.ts'], programs);
    const serverProgram = join(programs, 'server', 'main.mjs');
    const project = await installPackagesOf(dir, top);
    const deviceProgram = join(project.dir, 'device.mjs');
    const device = readFileSync(join(ROOT, 'tests/end-to-end/device.ts'), 'utf8');
    const { code } = await transform(device, { loader: 'ts', format: 'esm', target: 'node20' });
    writeFileSync(deviceProgram, code);
    return { dir, serverProgram, deviceProgram, readCatalogue: () => catalogueOf(dir), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function catalogueOf(dir: string): Promise<readonly ShapeOutline[]> {
  const program = `import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
    const shapes = [...CATALOG.values()].map(({ name, columns, key, params }) =>
      ({ name, columns, key, params: Object.keys(params) }));
    process.stdout.write(JSON.stringify(shapes));`;
  const said = await run(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    dir,
  );
  return JSON.parse(said) as ShapeOutline[];
}

/** What git says; undefined where it says no. */
function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Whether each package that its lock names for use at run time and for building is here in that very version. */
function hasItsPackages(dir: string): boolean {
  return Object.entries(lockedVersions(dir)).every(([path, version]) => {
    const manifest = join(ROOT, path, 'package.json');
    if (!existsSync(manifest)) return false;
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }).version === version;
  });
}

interface Locked {
  readonly version?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
}

/** By place; those for other platforms alone, which are optional, need not be there. */
function lockedVersions(dir: string): Record<string, string> {
  const lock = JSON.parse(readFileSync(join(dir, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const needed = Object.entries(lock.packages).filter(
    ([path, { link, optional }]) => path.startsWith('node_modules/') && link !== true && optional !== true,
  );
  return Object.fromEntries(needed.map(([path, { version }]) => [path, version ?? '']));
}

/** Its own `node_modules`: every package is this repository's, but for those of its own workspaces. */
function linkPackages(dir: string): void {
  const from = join(ROOT, 'node_modules');
  const into = join(dir, 'node_modules');
  mkdirSync(join(into, '@halo'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@halo' && (name === '.bin' || !name.startsWith('.')))
      symlinkSync(join(from, name), join(into, name));
  }
  const { workspaces } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  for (const workspace of workspaces) {
    const { name } = JSON.parse(readFileSync(join(dir, workspace, 'package.json'), 'utf8')) as {
      name: string;
    };
    symlinkSync(join(dir, workspace), join(into, name));
  }
}
