import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ignore from '@balena/dockerignore';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../server/db/embedded/free-port.ts';
import { makeDataDir, removeDataDir } from '../support/data-dir.ts';
import { environmentOf, execWords, faultsOf, readStages } from '../support/dockerfile.ts';
import type { ImageStage, ImageStep } from '../support/dockerfile.ts';
import { eventually } from '../support/eventually.ts';
import { accessToken } from '../support/server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
/** Nobody's: an image's user owns none of its files. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

it('keeps the rules of a good Dockerfile, and has a fault named that is put in', () => {
  expect(faultsOf(DOCKERFILE)).toEqual([]);
  const worse = DOCKERFILE.replace('USER node', 'USER root').replace(
    'CMD ["node", "--import"',
    'CMD node "--import"',
  );
  expect(faultsOf(worse)).toEqual([
    'DL3002 the last user is root',
    'DL3025 CMD or ENTRYPOINT is not in exec form',
  ]);
});

it('builds by its own steps in a clean directory, and what comes of it runs as nobody with a Postgres of its own', async () => {
  const work = makeDataDir('halo-image-');
  onTestFinished(() => removeDataDir(work), 600_000);
  chmodSync(work, 0o755);
  const stages = readStages(DOCKERFILE);
  for (const stage of stages) build(stage, work);
  const image = stages.at(-1)!;
  const app = join(work, image.name, 'app');
  process.stderr.write(`${sizes(app)}\n`);

  const port = await freePort(0);
  const data = join(work, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (isRoot) chownSync(data, NOBODY, NOBODY);
  const env = {
    PATH: process.env.PATH,
    ...environmentOf(image),
    HALO_DATA_DIR: data,
    PORT: String(port),
    POLISEN_FEED_URL: 'off',
  };
  const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const [program = '', ...args] = execWords(stepOf(image, 'CMD'));
  const halo = spawn(program, args, { cwd: app, env, ...as, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void halo.kill('SIGKILL'));
  let output = '';
  for (const stream of [halo.stdout, halo.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const exited = new Promise<number | null>((resolve) => void halo.once('exit', resolve));

  const [checker = '', ...checkArgs] = execWords(stepOf(image, 'HEALTHCHECK'));
  await eventually(() => execFileSync(checker, checkArgs, { cwd: app, env, stdio: 'ignore' }), {
    withinMs: 120_000,
  });
  const url = `http://127.0.0.1:${port}`;
  const [, email, password] = await eventually(() => {
    const found = /e-mail +(\S+)\s+password +(\S+)/.exec(output);
    if (found === null) throw new Error(`no log-in is told: ${output}`);
    return found;
  });
  await accessToken(url, { email: email!, password: password! });
  for (const path of ['/', '/console']) {
    const page = await fetch(url + path);
    expect({ path, status: page.status, html: await page.text() }).toMatchObject({
      status: 200,
      html: /<script/,
    });
  }
  await eventually(async () => expect((await fetch(`${url}/ready`)).status).toBe(200), { withinMs: 60_000 });
  const { VERSION: version } = environmentOf(image);
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'healthy', version });

  // A home that cannot be written, as on a file system that may only be read.
  const npmRun = (...words: string[]) => {
    const options = { cwd: app, env: { ...env, HOME: '/nonexistent' }, ...as, encoding: 'utf8' } as const;
    return execFileSync('npm', ['run', ...words], options);
  };
  // By `exec` beside the server, which the embedded Postgres belongs to.
  expect(npmRun('backup')).toContain('"rows"');
  expect(npmRun('backup', '--', '--list')).toMatch(/^halo-\S+ .* rows /m);
  expect(npmRun('retention')).toContain('positions');
  expect(npmRun('operator', '--', '--reset', email!)).toContain('halo_rst_');
  expect(npmRun('restore', '--', '--latest', '--check')).toContain('It is whole: ');
  halo.kill('SIGTERM');
  expect({ code: await exited, output }).toMatchObject({ code: 0 });
  // By `run` while it is stopped.
  expect(npmRun('restore', '--', '--latest', '--set-former-aside')).toMatch(/kept as [^]*^Restored\./m);
  expect(npmRun('backup', '--', '--verify')).toContain('"rows"');
  expect(() => execFileSync(checker, checkArgs, { cwd: app, env, stdio: 'ignore' })).toThrow();
}, 900_000);

/** Executes a stage's steps below `work/<stage>`, in the place of the container's root. */
function build(stage: ImageStage, work: string): void {
  const root = join(work, stage.name);
  let workdir = root;
  mkdirSync(root, { recursive: true });
  for (const step of stage.steps) {
    if (step.keyword === 'WORKDIR') {
      workdir = join(root, step.text);
      mkdirSync(workdir, { recursive: true });
    }
    if (step.keyword === 'COPY') copy(step, workdir, work);
    // Packages of the system are the machine's here.
    if (step.keyword === 'RUN' && !step.text.startsWith('apt-get')) run(step.text, workdir);
  }
}

function run(script: string, cwd: string): void {
  const env = { ...process.env, npm_config_prefer_offline: 'true', NODE_ENV: '' };
  // What it writes is in the error of one that fails.
  execFileSync('sh', ['-ec', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function copy({ words, options: { from } }: ImageStep, workdir: string, work: string): void {
  const sources = words.slice(0, -1);
  const aim = words.at(-1)!;
  const target = join(workdir, aim);
  for (const source of sources) {
    const found = from === undefined ? join(ROOT, source) : join(work, from, source);
    const isFolder = statSync(found).isDirectory();
    const to =
      isFolder || !(aim.endsWith('/') || existsSync(target))
        ? target
        : join(target, source.split('/').at(-1)!);
    mkdirSync(dirname(to), { recursive: true });
    const filter = from === undefined ? isWanted : undefined;
    cpSync(found, to, { recursive: true, verbatimSymlinks: true, ...(filter && { filter }) });
  }
}

const ignored = ignore().add(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));

function isWanted(path: string): boolean {
  const within = relative(ROOT, path);
  return within === '' || !ignored.ignores(within);
}

function stepOf(stage: ImageStage, keyword: string): ImageStep | undefined {
  return stage.steps.findLast((step) => step.keyword === keyword);
}

/** What the image adds to its base, by part, in MiB. */
function sizes(app: string): string {
  const parts = ['node_modules', 'server', 'shapes', 'client-sdk/field-app/dist', 'server/console/dist'];
  const packages = readdirSync(join(app, 'node_modules')).map((name) => join('node_modules', name));
  const mib = (path: string) =>
    Number(execFileSync('du', ['-sk', join(app, path)], { encoding: 'utf8' }).split('\t')[0]) / 1024;
  const heavy = packages
    .map((path) => [path, mib(path)] as const)
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 5);
  return [...parts.map((path) => [path, mib(path)] as const), ...heavy]
    .map(([path, size]) => `${size.toFixed(1).padStart(8)} MiB  ${path}`)
    .join('\n');
}
