import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { manifest, provenanceFault, repositoryOf } from '../../.ci/packages/manifest.mjs';
import { raiseBelow, versionsBelow } from '../../.ci/release/version-places.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GITHUB = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'house/halo' };

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly workspaces: readonly string[];
  readonly exports: Record<string, string>;
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;

function makeFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'halo-release-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

it('has one version: of the whole, of each package, and wherever else it is named', () => {
  const { version, workspaces } = manifestOf('.');
  for (const folder of workspaces)
    expect({ folder, version: manifestOf(folder).version }).toEqual({ folder, version });
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  for (const folder of ['', ...workspaces])
    expect({ folder, version: lock.packages[folder]?.version }).toEqual({ folder, version });
  for (const [file, named] of Object.entries(versionsBelow(ROOT)))
    expect({ file, named }).toEqual({ file, named: version });
});

it.each(['12.34.56-next.10', '9.9.9'])('raises all of them to %s, and changes nothing else', (version) => {
  const dir = makeFolder();
  const former = manifestOf('.').version;
  const files = Object.keys(versionsBelow(ROOT));
  for (const file of files) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    cpSync(join(ROOT, file), join(dir, file));
  }
  raiseBelow(dir, version);
  expect(versionsBelow(dir)).toEqual(Object.fromEntries(files.map((file) => [file, version])));
  const line = (text: string) => text.split('\n').find((one) => one.startsWith('| `VERSION`'))!;
  expect(line(readFileSync(join(dir, 'README.md'), 'utf8'))).toHaveLength(
    line(readFileSync(join(ROOT, 'README.md'), 'utf8')).length,
  );
  raiseBelow(dir, former);
  for (const file of files)
    expect(readFileSync(join(dir, file), 'utf8')).toBe(readFileSync(join(ROOT, file), 'utf8'));
});

it('publishes packages that name the repository of the pipeline, as provenance asks for', () => {
  const source = manifestOf('client-sdk');
  const repository = repositoryOf('client-sdk', GITHUB);
  const made = { out: '/nowhere', sideEffects: false };
  expect(manifest(source, { ...made, repository })).toMatchObject({
    name: '@halo/client',
    repository: { type: 'git', url: 'git+https://github.com/house/halo.git', directory: 'client-sdk' },
    exports: { '.': { default: './index.js' } },
  });
  expect(manifest(source, made)).not.toHaveProperty('private');
  expect(manifest(source, { ...made, repository: repositoryOf('client-sdk', {}) })).not.toHaveProperty(
    'repository',
  );
});

it('says before anything is published why provenance would be refused', () => {
  const repository = repositoryOf('shapes', GITHUB)!;
  expect(provenanceFault([{ name: '@halo/shapes', repository }])).toBeUndefined();
  const fault = provenanceFault([{ name: '@halo/shapes', repository }, { name: '@halo/client' }]);
  expect(fault).toMatch(/^@halo\/client would be refused .*GITHUB_REPOSITORY/);
});

it('tags the commit that was published, once', () => {
  const dir = makeFolder();
  const clone = join(dir, 'clone');
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: clone, encoding: 'utf8', stdio: 'pipe' }).trim();
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
  const tag = () =>
    execFileSync('bash', ['.ci/release/tag.sh'], { cwd: clone, encoding: 'utf8', stdio: 'pipe' });
  execFileSync('git', ['init', '--quiet', '--bare', join(dir, 'origin.git')]);
  execFileSync('git', ['clone', '--quiet', join(dir, 'origin.git'), clone], { stdio: 'pipe' });
  cpSync(join(ROOT, '.ci', 'release', 'tag.sh'), join(clone, '.ci', 'release', 'tag.sh'));
  const commit = (version: string, words: string) => {
    writeFileSync(join(clone, 'package.json'), JSON.stringify({ version, words }));
    git('add', '-A');
    git(...who, 'commit', '--quiet', '-m', words);
    return git('rev-parse', 'HEAD');
  };
  const first = commit('1.2.0', 'a release');
  expect(tag()).toMatch(/^v1\.2\.0 is at /);
  const later = commit('1.2.0', 'what came after it');
  expect(tag()).toBe('v1.2.0 is there\n');
  expect(git('ls-remote', '--tags', 'origin')).toBe(`${first}\trefs/tags/v1.2.0`);
  // As the next version looks for the one before it.
  expect(git('describe', '--tags', '--abbrev=0', '--match', 'v*', `${later}^`)).toBe('v1.2.0');
});
