import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { PROCEDURE } from '../../../server/predictions/model/fit-model.ts';
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts';
import { escaped } from './report.ts';
import { csvOf, smallRegister } from './small-register.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Three Mondays, with enough known before them and entries after them. */
const WEEKS = ['--from', '2024-10-21', '--to', '2024-11-11', '--zone', 'UTC'];

/** An empty folder, removed after the test. */
function makeFolder(): string {
  const dir = makeDataDir('halo-evaluation-');
  onTestFinished(() => removeDataDir(dir));
  return dir;
}

/** `npm run evaluate:predictions` in a folder, by the launcher of a tree without a lock, so that it never installs anything. */
function evaluate(dir: string, ...args: string[]) {
  const tree = makeFolder();
  mkdirSync(join(tree, 'server'));
  cpSync(join(ROOT, 'server', 'launch.mjs'), join(tree, 'server', 'launch.mjs'));
  for (const name of ['node_modules', 'tests']) symlinkSync(join(ROOT, name), join(tree, name));
  writeFileSync(join(tree, 'package.json'), '{"type":"module"}');
  const command = [join(tree, 'server', 'launch.mjs'), 'evaluate:predictions', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: dir, encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('evaluates a register that lacks most categories, names those in the table and on the page, and does so again', () => {
  const dir = makeFolder();
  writeFileSync(join(dir, 'city.csv'), csvOf(smallRegister()));
  const first = evaluate(dir, '--source', 'city.csv', ...WEEKS);
  expect(first.stdout).toMatch(/^cell-9 all: 3 weeks, \d+ incidents, 19 places, computed 20/m);
  for (const category of ['burglary', 'vehicle_theft', 'violence', 'vandalism', 'traffic', 'fire'])
    expect(first.stdout).toMatch(
      new RegExp(`^cell-9 ${category}: not tested\\. Of what was known by .*: 0 incidents are known`, 'm'),
    );
  expect(first.stdout).toMatch(/^Warning: 3 weekly origins are fewer than 52\./m);
  expect(first).toMatchObject({ status: 0 });
  const page = readFileSync(join(dir, 'predictions.html'), 'utf8');
  expect(page).toContain('<h2>theft, cell-9</h2>');
  expect(page).toMatch(/<h2>fire, cell-9<\/h2>\n<p class="note">Not tested\. [^<]* 0 incidents are known/);
  expect(page).toContain('<p class="note">Warning: 3 weekly origins are fewer than 52.');
  const again = evaluate(dir, '--source', 'city.csv', ...WEEKS);
  expect(again.stdout).toBe(first.stdout);
  expect(again.stderr).toContain('cell-9 theft is taken from predictions.json, of 20');
  expect(again).toMatchObject({ status: 0 });
});

it('shows on the page by what, of which file and when it was computed, and refuses to show it of another file', () => {
  const dir = makeFolder();
  const entries = smallRegister();
  const asked = ['--source', 'city.csv', ...WEEKS, '--categories', 'fire,theft'];
  writeFileSync(join(dir, 'city.csv'), csvOf(entries));
  expect(evaluate(dir, ...asked)).toMatchObject({ status: 0 });
  const page = readFileSync(join(dir, 'predictions.html'), 'utf8');
  const saved = JSON.parse(readFileSync(join(dir, 'predictions.json'), 'utf8')) as {
    asked: { sha256: string; procedure: string };
    results: { computedAt: string }[];
  };
  expect(saved.asked.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(page).toContain(saved.asked.sha256);
  expect(page).toContain(escaped(PROCEDURE));
  expect(page).toContain(`Computed ${saved.results[1]!.computedAt}.`);
  expect(page).toContain('<li>Times without an offset are read by the clocks of UTC.</li>');
  expect(page).toMatch(/Written \d{4}-\d\d-\d\dT/);

  writeFileSync(join(dir, 'city.csv'), csvOf(entries.slice(1)));
  expect(evaluate(dir, ...asked)).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'predictions.json holds another test (sha256). Name another --out, or remove it. [evaluation_other_test]\n',
  });
  writeFileSync(join(dir, 'city.csv'), csvOf(entries));
  const older = { ...saved, asked: { ...saved.asked, procedure: '{"features":1}' } };
  writeFileSync(join(dir, 'predictions.json'), JSON.stringify(older));
  expect(evaluate(dir, ...asked).stderr).toContain('predictions.json holds another test (procedure).');
  expect(readFileSync(join(dir, 'predictions.html'), 'utf8')).toBe(page);
});

it('fails in one sentence, with exit code 1, where nothing can be tested or is there', () => {
  const dir = makeFolder();
  expect(evaluate(dir, '--source', 'nowhere.csv', ...WEEKS)).toEqual({
    status: 1,
    stdout: '',
    stderr: 'The file nowhere.csv cannot be read (ENOENT). [evaluation_file_unreadable]\n',
  });
  writeFileSync(join(dir, 'city.csv'), csvOf(smallRegister()));
  const untested = evaluate(dir, '--source', 'city.csv', ...WEEKS, '--categories', 'fire');
  expect(untested).toMatchObject({ status: 1, stderr: 'None of these series could be tested.\n' });
  expect(existsSync(join(dir, 'predictions.html'))).toBe(true);
  expect(evaluate(dir, '--of', 'city.csv').stderr).toMatch(
    /^Unknown option '--of'\. npm run evaluate:predictions -- --help says more\. \[evaluation_usage\]\n$/,
  );
});
