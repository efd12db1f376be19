import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKFLOWS = readdirSync(`${ROOT}.github/workflows`);

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Record<string, string>;
  readonly jobs: Record<string, Job>;
}
interface Job {
  /** Another workflow of this repository, in place of steps. */
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Record<string, string>;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Record<string, unknown>;
  }[];
}

/** Judges a change; what it says holds for whoever calls it. */
const CHECKS = './.github/workflows/check.yml';

const read = (path: string): unknown => parse(readFileSync(ROOT + path, 'utf8'), { merge: true });

describe.each(WORKFLOWS)('the workflow %s', (file) => {
  const text = readFileSync(`${ROOT}.github/workflows/${file}`, 'utf8');
  const { permissions, jobs } = read(`.github/workflows/${file}`) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);

  it('pins each action by its commit, and names the version beside it', () => {
    const uses = [...text.matchAll(/uses: (.*)/g)]
      .map(([, action]) => action)
      .filter((use) => use !== CHECKS);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('gives jobs no more than they use, and bounds them', () => {
    expect(['{}', '{"contents":"read"}']).toContain(JSON.stringify(permissions));
    for (const [name, job] of Object.entries(jobs).filter(([, { uses }]) => uses !== CHECKS))
      expect({ name, minutes: job['timeout-minutes'] }).not.toEqual({ name, minutes: undefined });
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    const keeping = checkouts.filter((step) => step.with?.['persist-credentials'] !== false);
    // The one that pushes the branch of the next versions, and the one that pushes a release's tag.
    expect(keeping).toHaveLength(file === 'release.yml' ? 2 : 0);
  });

  it('puts nothing that others wrote into a script', () => {
    for (const { run } of steps)
      expect(run ?? '').not.toMatch(/\$\{\{ *(github\.event|github\.head_ref|inputs)/);
  });

  it('runs scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const { run = '' } of steps) {
      for (const [, path] of run.matchAll(/(?:node|bash) (\.ci\/\S+)/g))
        expect(readFileSync(ROOT + path!).length).toBeGreaterThan(0);
      for (const [, script] of run.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script!]);
    }
  });
});

it('has each place that names an image renewed by a robot, which reads no variables', () => {
  const { updates } = read('.github/dependabot.yml') as { updates: { 'package-ecosystem': string }[] };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(
    expect.arrayContaining(['github-actions', 'docker', 'docker-compose', 'npm']),
  );
  const bases = [...readFileSync(`${ROOT}Dockerfile`, 'utf8').matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)];
  expect(bases.length).toBeGreaterThan(0);
  for (const [, base] of bases) expect(base).toMatch(/^node:\d+-bookworm-slim$/);
});

describe('a release', () => {
  const text = readFileSync(`${ROOT}.github/workflows/release.yml`, 'utf8');
  const { jobs } = read('.github/workflows/release.yml') as Workflow;
  const { on } = read(CHECKS) as Workflow;

  it('does nothing before all checks of the same change have passed', () => {
    expect(on).toHaveProperty('workflow_call');
    const [[first, checks], ...others] = Object.entries(jobs) as [[string, Job], ...[string, Job][]];
    expect(checks).toMatchObject({ uses: CHECKS });
    expect(checks).not.toHaveProperty('if');
    const behind = new Set([first]);
    for (const [name, { needs = [], if: condition = '' }] of others) {
      expect({ name, waits: [needs].flat().some((need) => behind.has(need)) }).toEqual({ name, waits: true });
      // With one of these a job runs though what it needs has failed.
      expect(condition).not.toMatch(/always|failure|cancelled/);
      behind.add(name);
    }
    expect(others.length).toBeGreaterThan(0);
  });

  it("runs no package's scripts beside a token that may write", () => {
    const writing = Object.values(jobs).filter(({ steps = [] }) =>
      steps.some(
        (step) =>
          step.uses?.startsWith('actions/checkout@') === true && step.with?.['persist-credentials'] !== false,
      ),
    );
    expect(writing).toHaveLength(2);
    for (const { run = '' } of writing.flatMap(({ steps }) => steps ?? []))
      if (/npm (ci|install)/.test(run)) expect(run).toContain('--ignore-scripts');
    const proposing = readFileSync(`${ROOT}.ci/release/propose-versions.sh`, 'utf8');
    for (const line of proposing.match(/^npm install.*$/gm) ?? []) expect(line).toContain('--ignore-scripts');
  });

  it('may write to the repository in those jobs alone that push to it', () => {
    const may = Object.entries(jobs).filter(([, { permissions }]) => permissions?.contents === 'write');
    expect(may.map(([name]) => name)).toEqual(['versions', 'tag']);
    expect(jobs.tag).toMatchObject({
      needs: 'packages',
      if: "needs.packages.outputs.published == 'yes'",
      permissions: { contents: 'write' },
    });
    expect(jobs.packages).toMatchObject({ outputs: { published: '${{ steps.publish.outputs.published }}' } });
    expect(jobs.tag!.steps!.filter(({ run }) => run !== undefined)).toEqual([
      { run: 'bash .ci/release/tag.sh' },
    ]);
  });

  it("gives the workflow's token to no registry but GitHub's own", () => {
    const given = text.split('\n').filter((line) => /(PASSWORD|TOKEN|password): .*github\.token/.test(line));
    const toRegistries = given.filter((line) => !line.trim().startsWith('GH_TOKEN: '));
    expect(toRegistries.length).toBeGreaterThan(0);
    for (const line of toRegistries)
      expect(line).toContain("(vars.IMAGE_REGISTRY == 'ghcr.io' && github.token)");
  });
});
