import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../tests/support/eventually.ts';
import { hasOtherSpace, startInOtherSpace } from '../../tests/support/other-space.ts';
import { createLogger } from '../platform/logger.ts';
import { lockDataDir } from './data-dir-lock.ts';

const log = createLogger('silent');
const isRoot = process.getuid?.() === 0;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-lock-'));
});
afterEach(() => {
  chmodSync(dir, 0o755);
  rmSync(dir, { recursive: true, force: true });
});

describe('the lock of a data directory', () => {
  it('makes the directory, holds it, and lets it go', () => {
    const inner = join(dir, 'a', 'b');
    const lock = lockDataDir(inner, log);
    expect(JSON.parse(readFileSync(join(inner, 'halo.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
    expect(() => readFileSync(join(inner, 'halo.lock'))).toThrow(/ENOENT/);
  });

  it('refuses a directory that a live process holds, and takes it over once that is killed', async () => {
    const holder = spawn(process.execPath, ['--import', 'tsx', '-e', holderProgram(dir)], { stdio: 'pipe' });
    await once(holder.stdout, 'data');
    const refusal = caught(() => lockDataDir(dir, log));
    expect(refusal).toMatchObject({ code: 'data_dir_in_use' });
    expect((refusal as Error).message).toContain(`process ${holder.pid}`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockDataDir(dir, log).release();
  });

  it('refuses a second lock in the same process', () => {
    const lock = lockDataDir(dir, log);
    expect(caught(() => lockDataDir(dir, log))).toMatchObject({ code: 'data_dir_in_use' });
    lock.release();
    lockDataDir(dir, log).release();
  });

  it('gives a stale lock to one of many that start at once', async () => {
    writeFileSync(join(dir, 'halo.lock'), '{"pid":999999999,"started":"gone"}');
    const contenders = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--import', 'tsx', '-e', holderProgram(dir)], { stdio: 'pipe' }),
    );
    const outcomes = await Promise.all(contenders.map(firstWord));
    expect(outcomes.sort()).toEqual(['held', ...Array<string>(5).fill('data_dir_in_use')].sort());
    expect(readdirSync(dir)).toEqual(['halo.lock']);
    for (const contender of contenders) contender.kill('SIGKILL');
  });

  it.each(['', '{"pid":', '{"pid":1,"started":"another"}', '{"pid":999999999,"started":"1"}'])(
    'takes over the stale lock %j',
    (contents) => {
      writeFileSync(join(dir, 'halo.lock'), contents);
      lockDataDir(dir, log).release();
    },
  );

  it.skipIf(isRoot)('names a directory that cannot be written', () => {
    chmodSync(dir, 0o500);
    expect(() => lockDataDir(join(dir, 'inner'), log)).toThrowError(
      expect.objectContaining({ code: 'data_dir_unwritable', field: 'HALO_DATA_DIR' }),
    );
  });

  it.skipIf(!existsSync('/proc/self'))('names a directory that can never be made', () => {
    expect(() => lockDataDir('/proc/halo/inner', log)).toThrowError(
      expect.objectContaining({ code: 'data_dir_unwritable', field: 'HALO_DATA_DIR' }),
    );
  });

  it('names a data directory that is a file', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => lockDataDir(join(dir, 'file'), log)).toThrowError(
      expect.objectContaining({ code: 'data_dir_unwritable', field: 'HALO_DATA_DIR' }),
    );
  });
});

describe('the lock of a Halo whose process cannot be seen from here', () => {
  /** The number is in use here too, as that of another program. */
  const elsewhere = JSON.stringify({
    pid: process.ppid,
    started: 'elsewhere',
    host: 'web-0',
    space: 'web-0/pid:[1]',
  });
  const file = () => join(dir, 'halo.lock');
  const silentFor = (seconds: number) => {
    const at = new Date(Date.now() - seconds * 1000);
    utimesSync(file(), at, at);
  };

  it('is refused while its heart beats, and taken over once it is silent for a minute', () => {
    writeFileSync(file(), elsewhere);
    silentFor(50);
    const refusal = caught(() => lockDataDir(dir, log)) as Error;
    expect(refusal).toMatchObject({
      code: 'data_dir_in_use',
      hint: expect.stringContaining('start again in 11 s') as string,
    });
    expect(refusal.message).toContain('web-0');
    expect(readFileSync(file(), 'utf8')).toBe(elsewhere);
    expect(readdirSync(dir)).toEqual(['halo.lock']);
    silentFor(61);
    lockDataDir(dir, log).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is touched by its holder for as long as it is held', async () => {
    const lock = lockDataDir(dir, log, { heartbeatMs: 10 });
    silentFor(100);
    await eventually(() => Date.now() - statSync(file()).mtimeMs < 50_000);
    lock.release();
    writeFileSync(file(), elsewhere);
    silentFor(100);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(Date.now() - statSync(file()).mtimeMs).toBeGreaterThan(50_000);
  });

  it('is told lost, once, to a holder that was frozen for so long that another took it', async () => {
    let lost = 0;
    const lock = lockDataDir(dir, log, { heartbeatMs: 10, onLost: () => (lost += 1) });
    writeFileSync(file(), elsewhere);
    silentFor(30);
    await eventually(() => lost === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lost).toBe(1);
    lock.release();
    expect(readFileSync(file(), 'utf8')).toBe(elsewhere);
    expect(Date.now() - statSync(file()).mtimeMs).toBeGreaterThan(20_000);
  });

  it.runIf(hasOtherSpace())('is one that a process in another PID namespace has taken', async () => {
    const holder = await startInOtherSpace(holderProgram(dir));
    const refusal = caught(() => lockDataDir(dir, log)) as Error;
    expect(refusal).toMatchObject({ code: 'data_dir_in_use' });
    expect(refusal.message).toContain('cannot be seen from here');
    const gone = once(holder, 'exit');
    holder.kill('SIGKILL');
    await gone;
    expect(caught(() => lockDataDir(dir, log))).toMatchObject({ code: 'data_dir_in_use' });
    silentFor(61);
    lockDataDir(dir, log).release();
  });

  it.runIf(hasOtherSpace())('is refused from within another namespace as well', async () => {
    const lock = lockDataDir(dir, log);
    const contender = await startInOtherSpace(
      holderProgram(dir).replace("console.log('held')", 'process.exit()'),
    );
    expect(contender.exitCode).toBeNull();
    lock.release();
  });
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function firstWord(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<string> {
  const [bytes] = (await once(child.stdout, 'data')) as [Buffer];
  return bytes.toString().trim();
}

function holderProgram(dataDir: string): string {
  const lockModule = new URL('./data-dir-lock.ts', import.meta.url).href;
  const logModule = new URL('../platform/logger.ts', import.meta.url).href;
  return `import(${JSON.stringify(lockModule)}).then(async ({ lockDataDir }) => {
    const { createLogger } = await import(${JSON.stringify(logModule)});
    try {
      lockDataDir(${JSON.stringify(dataDir)}, createLogger('silent'));
      console.log('held');
    } catch (error) {
      console.log(error.code);
    }
    setInterval(() => {}, 1000);
  });`;
}
