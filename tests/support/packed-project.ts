import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What the packages need from a registry, taken from this repository's own tree, so that no network is needed. */
const FROM_REGISTRY = ['@electric-sql/pglite', 'h3-js', 'idb', 'zod'];
const LIMIT_MS = 300_000;

/** A project of its own, outside of this repository, that has installed the packages as npm would publish them. */
export interface PackedProject {
  readonly dir: string;
  /** Runs Node in it; resolves with what it wrote, rejects with that when it failed. */
  node(args: readonly string[]): Promise<string>;
}

/** Builds and packs `@halo/shapes` and `@halo/client`, and installs the tarballs in an empty project. */
export async function installPackages(): Promise<PackedProject> {
  const top = await mkdtemp(join(tmpdir(), 'halo-project-'));
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  return installPackagesOf(ROOT, top);
}

/** The same, of the sources in the folder `tree`, in a new project in the folder `top`; the caller removes it. */
export async function installPackagesOf(tree: string, top: string): Promise<PackedProject> {
  const dir = join(top, 'project');
  await mkdir(dir);
  const packed = await run(process.execPath, ['.ci/packages/pack-all.mjs', top], tree);
  const tarballs = JSON.parse(packed) as string[];
  await writeFile(join(dir, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const folders = FROM_REGISTRY.map((name) => realpath(join(tree, 'node_modules', name)));
  const others = (await Promise.all(folders)).map((folder) => `file:${folder}`);
  const quiet = ['--offline', '--install-links', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...quiet, ...tarballs, ...others], dir);
  return { dir, node: (args) => run(process.execPath, args, dir) };
}

/**
 * Writes the files that a README shows: its code blocks with a `file=NAME`. Each key of `replacements` must occur in one of
 * them and gives way to its value. Returns the names.
 */
export async function writeFilesOfReadme(
  readme: string,
  dir: string,
  replacements: Readonly<Record<string, string>>,
): Promise<string[]> {
  const text = await readFile(join(ROOT, readme), 'utf8');
  const blocks = [...text.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)];
  const files = new Map(blocks.map(([, name, contents]) => [name!, contents!]));
  for (const [placeholder, value] of Object.entries(replacements)) {
    if (![...files.values()].some((contents) => contents.includes(placeholder)))
      throw new Error(`no file of ${readme} says ${placeholder}`);
    for (const [name, contents] of files) files.set(name, contents.replaceAll(placeholder, value));
  }
  for (const [name, contents] of files) await writeFile(join(dir, name), contents);
  return [...files.keys()];
}

/** Runs a command to its end, in `cwd`; resolves with its standard output, rejects with all that it wrote. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const options = { cwd, timeout: LIMIT_MS, maxBuffer: 1 << 26 };
    return (await promisify(execFile)(command, [...args], options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
