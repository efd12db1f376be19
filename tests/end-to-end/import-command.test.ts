import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startProcess } from '../support/process.ts';

const HEADER = 'id,occurred_at,lat,lon,category';
/** Four batches. */
const ROWS = 1_800;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'halo-import-command-'));
  return () => rmSync(folder, { recursive: true });
});

function run(args: readonly string[], env: NodeJS.ProcessEnv) {
  const rejects = ['--rejects', join(folder, 'rejects.csv')];
  return startProcess('server/import/main.ts', [...args, ...rejects], { HALO_DATA_DIR: folder, ...env });
}

it('ends after the rows under way at Ctrl-C, with 130, and goes on when it is given again', async () => {
  const { pool, url } = await useTestDatabase();
  const register = join(folder, 'city.csv');
  const entry = (n: number) => `c-${n},2015-01-01T10:00:00-06:00,38.6,-90.2,burglary`;
  writeFileSync(register, [HEADER, ...Array.from({ length: ROWS }, (_, n) => entry(n))].join('\n'));
  const args = [register, '--source', 'city'];
  const gate = await pool.connect();
  onTestFinished(() => gate.release(true));
  await gate.query('BEGIN; LOCK TABLE feed_items IN SHARE MODE');
  const first = run(args, { DATABASE_URL: url });
  await eventually(async () => {
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    expect((await pool.query(waiting)).rowCount).toBe(1);
  });
  process.kill(first.pid, 'SIGINT');
  await first.waitFor(/\nSIGINT: ending after the rows under way …\n/);
  await gate.query('COMMIT');
  expect(await first.exited).toBe(130);
  await first.waitFor(/\nInterrupted\. Give the same command again to go on\.\n/);

  const again = run(args, { DATABASE_URL: url });
  expect(await again.exited, again.output()).toBe(0);
  const [, there] = await again.waitFor(/^1,800 rows .* added, 0 changed, (\S+) there already, 0 rejected/);
  expect(Number(there!.replace(',', ''))).toBeGreaterThan(0);
  const { rows } = await pool.query('SELECT count(*)::int AS n FROM feed_items');
  expect(rows).toEqual([{ n: ROWS }]);
});

it('says in one sentence, with 1, why nothing is imported, and helps whatever is set', async () => {
  const register = join(folder, 'city.csv');
  writeFileSync(register, `${HEADER}\nc-1,2015-01-01T10:00:00-06:00,38.6,-90.2,burglary\n`);
  const nobody = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/halo' };
  const asked = [register, '--source', 'city'];
  const faults: [readonly string[], NodeJS.ProcessEnv, string][] = [
    // Before anything is read of what is set.
    [[], { PORT: 'http' }, 'import_usage'],
    [asked, { PORT: 'http' }, 'config_invalid'],
    [[join(folder, 'nowhere.csv'), '--source', 'city'], nobody, 'import_file_unreadable'],
    [asked, nobody, 'database_unreachable'],
  ];
  for (const [args, env, code] of faults) {
    const refused = run(args, env);
    expect(await refused.exited).toBe(1);
    await refused.waitFor(new RegExp(`^Nothing more is imported: .* \\[${code}\\]\\n$`));
  }
  const help = run(['--help'], { PORT: 'http' });
  expect(await help.exited).toBe(0);
  await help.waitFor(/^Usage: npm run import -- FILE --source NAME/);
});

it('ends though a file call never returns', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  // Nobody ever writes to it.
  const hanging = `import { open } from 'node:fs'; open(${JSON.stringify(pipe)}, () => {});`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hanging)}` };
  const command = run([], env);
  await command.waitFor(/\[import_usage\]\n/);
  expect(await command.exited).toBeNull();
});
