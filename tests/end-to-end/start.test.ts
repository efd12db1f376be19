import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeDataDir, removeDataDir } from '../support/data-dir.ts';
import { startProcess } from '../support/process.ts';
import type { TestProcess } from '../support/process.ts';
import { accessToken } from '../support/server.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = makeDataDir('halo-start-');
  return () => {
    // A test that failed may have left one.
    const pid = postgresPid();
    if (pid !== undefined) process.kill(pid, 'SIGQUIT');
    removeDataDir(dataDir);
  };
});

/** Runs what `npm start` or `npm run demo` runs, with the Postgres that Halo brings. */
function run(env: NodeJS.ProcessEnv = {}, entry = 'server/main.ts'): TestProcess {
  const quiet = { POLISEN_FEED_URL: 'off', LOG_LEVEL: 'silent', PORT: '0' };
  return startProcess(entry, [], { HALO_DATA_DIR: dataDir, ...quiet, ...env });
}

async function urlOf(halo: TestProcess): Promise<string> {
  const [, url] = await halo.waitFor(/Field app +(http:\/\/[^\s/]+)/);
  return url!;
}

/** The first operator's log-in, as it is printed. */
function printed(halo: TestProcess): { email: string; password: string } | undefined {
  const [, email, password] = /e-mail +(\S+)\s+password +(\S+)/.exec(halo.output()) ?? [];
  return email === undefined ? undefined : { email, password: password! };
}

/** The process of the embedded Postgres, as its own pid file says; undefined when it has stopped in order. */
function postgresPid(): number | undefined {
  const pointer = join(dataDir, 'postgres-location');
  const cluster = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : join(dataDir, 'postgres');
  const file = join(cluster, 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
}

async function portInUse(): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  onTestFinished(() => void other.close());
  return (other.address() as AddressInfo).port;
}

describe('a Halo with the Postgres that it brings', { timeout: 420_000 }, () => {
  it('shows the first operator once, stops whole, and keeps everything over a restart and kill -9', async () => {
    const first = run();
    const url = await urlOf(first);
    const operator = printed(first)!;
    expect(operator.email).toBe('admin@localhost');
    await accessToken(url, operator);
    const second = run();
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/^Halo cannot start: .* \[data_dir_in_use\]\n$/);
    expect(postgresPid()).toBeDefined();
    expect(await first.kill('SIGTERM')).toBe(0);
    expect(postgresPid()).toBeUndefined();

    const again = run();
    await accessToken(await urlOf(again), operator);
    expect(printed(again)).toBeUndefined();
    await again.kill('SIGKILL');
    const recovered = run();
    await accessToken(await urlOf(recovered), operator);
    expect(await recovered.kill('SIGINT')).toBe(0);
    expect(postgresPid()).toBeUndefined();
  });

  it('loses no password when the first start fails after the operator was made', async () => {
    const refused = run({ PORT: String(await portInUse()) });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toMatch(/Halo cannot start: .*\[port_in_use\]\n$/);
    expect(postgresPid()).toBeUndefined();
    const operator = printed(refused)!;
    const started = run();
    await accessToken(await urlOf(started), operator);
    await started.kill('SIGTERM');
  });

  it('leaves no Postgres behind when it is stopped while it starts', async () => {
    const starting = run();
    await starting.waitFor(/first operator/);
    expect(await starting.kill('SIGTERM')).toBe(0);
    expect(postgresPid()).toBeUndefined();
  });

  it('tells the story of the demo whole, and shows the first operator there too', async () => {
    const demo = run({}, 'server/demo/main.ts');
    await demo.waitFor(/The city lives on/, { withinMs: 180_000 });
    const story = [
      /A +queued .*no network/,
      /A +delivered 3 reports/,
      /clustered A's and B's reports of the same event: 2 reports, corroborated/,
      /C +streamed/,
      /sent it again; the ledger knew it and gave the same answer: one effect/,
      /5 reports stored by the server, each exactly once/,
      /all three hold the same 4 incidents/,
    ];
    for (const line of story) expect(demo.output()).toMatch(line);
    const token = await accessToken(await urlOf(demo), printed(demo)!);

    // The city's past is learnt meanwhile, and a device has streamed what is expected.
    await demo.waitFor(/in all \d+ cells .* expected/, { withinMs: 300_000 });
    const learnt = [
      /import +480 days of the city, .* 8,\d{3} added, 0 changed, 0 there already, 0 rejected/,
      /server +the retraining has succeeded/,
      /gate +cell-9 all: promoted\. It beats every baseline: deviance 0\.\d+ against/,
      /gate +municipality all: (kept|baseline|promoted)\. /,
      /gate +\d+ series: too little is known/,
    ];
    for (const line of learnt) expect(demo.output()).toMatch(line);
    const [, rows, model] = /C +streamed: (\d+) forecasts .* of the model (\S+)/.exec(demo.output())!;
    expect(Number(rows)).toBeGreaterThan(91 * 27);
    const hotspots = await fetch(
      `${await urlOf(demo)}/api/v1/predictions/hotspots?kind=cell&window=1&limit=5`,
      {
        headers: { authorization: `Bearer ${token}` },
      },
    );
    const named = { modelId: model, modelKind: 'trained', stale: false };
    const five = [named, named, named, named, named];
    expect(await hotspots.json()).toMatchObject({ hotspots: five });
    expect(await demo.kill('SIGINT')).toBe(0);
    expect(postgresPid()).toBeUndefined();
  });
});

describe.each(['server/main.ts', 'server/demo/main.ts'])('%s', (entry) => {
  it('says in one sentence why it cannot start', async () => {
    const file = join(dataDir, 'a-file');
    writeFileSync(file, '');
    const faults: [NodeJS.ProcessEnv, string][] = [
      [{ PORT: 'http' }, 'config_invalid'],
      [{ HALO_DATA_DIR: join(file, 'below') }, 'data_dir_unwritable'],
      [{ DATABASE_URL: `postgres://nobody@127.0.0.1:1/halo` }, 'database_unreachable'],
    ];
    for (const [env, code] of faults) {
      const refused = run(env, entry);
      expect(await refused.exited).toBe(1);
      expect(refused.output()).toMatch(new RegExp(`^Halo cannot start: .*\\. \\[${code}\\]\\n$`));
    }
  });
});
