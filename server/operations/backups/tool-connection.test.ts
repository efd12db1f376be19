import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { toolConnection } from './tool-connection.ts';

it.each([
  ['postgres://u:p%40ss@db:5432/halo', 'postgres://u@db:5432/halo', 'p@ss'],
  ['postgres://u@db/halo', 'postgres://u@db/halo', undefined],
  // Arguments are to be seen by everybody on the machine.
  ['postgres://u@db/halo?password=secret&sslmode=disable', 'postgres://u@db/halo?sslmode=disable', 'secret'],
  ['postgres://u@db/halo?sslmode=no-verify', 'postgres://u@db/halo?sslmode=require', undefined],
  [
    'postgres://u@db/halo?sslmode=no-verify&sslrootcert=/ca.pem',
    'postgres://u@db/halo?sslmode=require',
    undefined,
  ],
  [
    'postgres://u@db/halo?sslmode=verify-full&sslrootcert=/ca.pem&uselibpqcompat=true',
    'postgres://u@db/halo?sslmode=verify-full&sslrootcert=%2Fca.pem',
    undefined,
  ],
  ['postgres://u@db/halo?sslmode=require', 'postgres://u@db/halo?sslmode=verify-full', undefined],
  [
    'postgres://u@db/halo?sslmode=require&uselibpqcompat=true',
    'postgres://u@db/halo?sslmode=require',
    undefined,
  ],
  ['postgres://u@db/halo?ssl=true', 'postgres://u@db/halo?sslmode=verify-full', undefined],
  ['postgres://u@db/halo?ssl=0', 'postgres://u@db/halo?sslmode=disable', undefined],
  [
    'postgres://u@db/halo?query_timeout=5&sslnegotiation=direct&options=-c%20work_mem%3D8MB',
    'postgres://u@db/halo?options=-c%20work_mem%3D8MB&sslmode=verify-full',
    undefined,
  ],
  ['postgres:///halo?host=/run/postgresql', 'postgres:///halo?host=%2Frun%2Fpostgresql', undefined],
])('%s is %s to a tool', (url, dbname, password) => {
  expect(toolConnection(url)).toEqual({ dbname, password });
});

it('goes by the environment where the address says nothing of TLS, as the driver does', () => {
  const modeOf = (search: string, mode: string) =>
    new URL(toolConnection(`postgres://u@db/halo${search}`, mode).dbname).searchParams.get('sslmode');
  expect(['require', 'no-verify', 'disable', ''].map((mode) => modeOf('', mode))).toEqual([
    ...['verify-full', 'require', 'disable', null],
  ]);
  expect(modeOf('?sslmode=no-verify', 'verify-full')).toBe('require');
});

/** How much is asked of a server: 0 nothing, 1 TLS, 2 and a certificate of a known authority, 3 and of its name. */
type Strictness = 0 | 1 | 2 | 3;

function strictnessOfDriver(url: string): Strictness | undefined {
  let ssl: unknown;
  try {
    ({ ssl } = new pg.Client(url) as { ssl: unknown });
  } catch {
    // It does not take the address at all.
    return undefined;
  }
  if (ssl === undefined || ssl === false || ssl === '') return 0;
  const { rejectUnauthorized, checkServerIdentity } = ssl as Record<string, unknown>;
  if (rejectUnauthorized === false) return 1;
  return checkServerIdentity === undefined ? 3 : 2;
}

function strictnessOfTool(url: string): Strictness {
  const given = new URL(toolConnection(url).dbname).searchParams;
  const modes: Record<string, Strictness> = { 'verify-full': 3, 'verify-ca': 2, disable: 0 };
  const mode = given.get('sslmode');
  if (mode === 'require') return given.has('sslrootcert') ? 2 : 1;
  return mode === null ? 0 : modes[mode]!;
}

it('asks a server for what the driver asks it for, however the address says it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-ca-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const ca = join(dir, 'ca.pem');
  writeFileSync(ca, 'a certificate');
  const modes = ['', 'disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
  let compared = 0;
  for (const mode of modes)
    for (const ssl of ['', 'ssl=', 'ssl=true', 'ssl=1', 'ssl=0', 'ssl=no-verify', 'ssl=0&ssl=true'])
      for (const besides of ['', 'sslnegotiation=direct', 'uselibpqcompat=true', 'uselibpqcompat=1'])
        for (const root of ['', `sslrootcert=${ca}`]) {
          const url = `postgres://u@db/halo?sslmode=${mode}&${ssl}&${besides}&${root}`;
          const driver = strictnessOfDriver(url);
          if (driver === undefined) continue;
          compared += 1;
          expect(strictnessOfTool(url), url).toBe(driver);
        }
  expect(compared).toBeGreaterThan(300);
});
