import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { useIngest } from '../support/ingest.ts';
import { ownHalo, urlOf } from '../support/own-halo.ts';
import type { OwnHalo } from '../support/own-halo.ts';
import type { TestProcess } from '../support/process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PLANTED = pathToFileURL(join(ROOT, 'tests', 'support', 'planted-fault.mjs')).href;

type Fault = 'thrown' | 'rejected' | 'flood' | 'starting';

let halo: OwnHalo;
beforeEach(() => {
  halo = ownHalo();
  return () => halo.remove();
});

/** A Halo with the Postgres that it brings, and a fault in it. */
function faulty(fault: Fault, env: NodeJS.ProcessEnv, entry?: string, args?: readonly string[]): TestProcess {
  const planted = { PLANTED_FAULT: fault, NODE_OPTIONS: `--import=${PLANTED}` };
  return halo.run({ LOG_LEVEL: 'info', ...planted, ...env }, entry, args);
}

/** Lines of its log that tell of a fault that ends it. */
function fatalLines(of: TestProcess): Record<string, unknown>[] {
  const lines = of.output().split('\n');
  const logged = lines.filter((line) => line.startsWith('{'));
  return logged
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ level }) => level === 60);
}

/** How often it says on standard error that it breaks down. */
const told = (of: TestProcess) => of.output().match(/^Halo broke down: A planted fault$/gm)?.length ?? 0;

describe('a fault that nobody caught', { timeout: 240_000 }, () => {
  it.each(['thrown', 'rejected'] as const)(
    'is logged and reported, and ends Halo and its Postgres in order: %s',
    async (fault) => {
      const ingest = await useIngest();
      const server = faulty(fault, { SENTRY_DSN: ingest.dsn });
      await urlOf(server);
      expect(halo.postgresPid()).toBeDefined();
      expect(await server.kill('SIGUSR2')).toBe(1);
      expect(halo.postgresPid()).toBeUndefined();
      await eventually(() => expect(fatalLines(server)).toHaveLength(1));
      expect(fatalLines(server)[0]).toMatchObject({
        component: 'process',
        msg: 'a fault that nobody caught ends the process',
        err: { message: 'A planted fault', stack: expect.stringContaining('planted-fault.mjs') as string },
      });
      expect(told(server)).toBe(1);
      const reported = ingest.envelopes.filter((one) => one.includes('A planted fault'));
      expect(reported).toHaveLength(1);
      expect(reported[0]).toContain('"component":"process"');
    },
  );

  it('is told also where the log is off, and others that come meanwhile neither hold the end up nor fill the log', async () => {
    const server = faulty('flood', {});
    await urlOf(server);
    expect(await server.kill('SIGUSR2')).toBe(1);
    expect(halo.postgresPid()).toBeUndefined();
    await eventually(() => expect(told(server)).toBe(1));
    expect(fatalLines(server).length).toBeGreaterThan(1);
    expect(fatalLines(server).length).toBeLessThanOrEqual(10);

    const silent = faulty('thrown', { LOG_LEVEL: 'silent' });
    await urlOf(silent);
    expect(await silent.kill('SIGUSR2')).toBe(1);
    expect(halo.postgresPid()).toBeUndefined();
    await eventually(() => expect(told(silent)).toBe(1));
    expect(fatalLines(silent)).toEqual([]);
  });

  it('ends also a Halo that only starts, and leaves no Postgres behind', async () => {
    const ingest = await useIngest();
    const server = faulty('starting', { SENTRY_DSN: ingest.dsn });
    expect(await server.exited).toBe(1);
    expect(halo.postgresPid()).toBeUndefined();
    await eventually(() => expect(told(server)).toBe(1));
    expect(fatalLines(server)).toMatchObject([{ err: { message: 'A planted fault' } }]);
    expect(server.output()).not.toMatch(/Halo is ready|Halo cannot start/);
    expect(ingest.envelopes.filter((one) => one.includes('A planted fault'))).toHaveLength(1);
  });

  it.each(['retention/main.ts', 'import/main.ts', 'backup/backup-main.ts'])(
    'ends a command, which says so in one line and leaves no Postgres behind: %s',
    async (entry) => {
      const register = join(halo.dataDir, 'register.csv');
      writeFileSync(register, 'id,type,occurred_at,lat,lon\n1,theft,2026-01-01T00:00:00Z,59.3,18.1\n');
      const asked: Record<string, readonly string[]> = {
        'import/main.ts': [register, '--source', 'register', '--rejects', join(halo.dataDir, 'rejects.csv')],
        'backup/backup-main.ts': ['--to', join(halo.dataDir, 'backups')],
      };
      const command = faulty('starting', {}, `server/${entry}`, asked[entry]);
      expect(await command.exited).toBe(1);
      expect(halo.postgresPid()).toBeUndefined();
      await eventually(() => expect(told(command)).toBe(1));
      expect(fatalLines(command)).toMatchObject([{ err: { message: 'A planted fault' } }]);
    },
  );
});
