import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDir, removeDataDir } from '../../../tests/support/data-dir.ts';
import { createLogger } from '../../platform/logger.ts';
import { startCluster } from './cluster.ts';
import { canEnter, canRun } from './system-user.ts';

const run = promisify(execFile);
const log = createLogger('silent');
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const nobody = { name: 'nobody', uid: NOBODY, gid: NOBODY };
const nobodyCanTry =
  isRoot &&
  (await canRun(nobody, process.execPath)) &&
  (await canEnter(nobody, import.meta.dirname)) &&
  (await canEnter(nobody, tmpdir()));
let dataDir: string;

beforeEach(() => {
  dataDir = makeDataDir('halo-owner-');
});
afterEach(() => removeDataDir(dataDir));

/** What matters of a cluster here: its directory, closed to others, with the file that every cluster has. */
function makeCluster(owner: number): string {
  const dir = join(dataDir, 'postgres');
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(dir, 'PG_VERSION'), '18\n');
  for (const path of [dir, join(dir, 'PG_VERSION')]) chownSync(path, owner, owner);
  return dir;
}

function start(): Promise<unknown> {
  return startCluster({ dataDir, port: 'free', log });
}

/** The code of the error with which a start as the user nobody ends. */
async function startAsNobody(): Promise<string> {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `import(${module('./cluster.ts')}).then(async ({ startCluster }) => {
    const { createLogger } = await import(${module('../../platform/logger.ts')});
    const options = { dataDir: ${JSON.stringify(dataDir)}, port: 'free', log: createLogger('silent') };
    await startCluster(options).then(() => console.log('started'), (error) => console.log(error.code));
  });`;
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '-e', script], {
    uid: NOBODY,
    gid: NOBODY,
    env: { PATH: process.env.PATH, TMPDIR: tmpdir() },
  });
  return stdout.trim();
}

describe("another user's cluster", () => {
  it.runIf(isRoot).each([
    ['in a folder that Postgres may enter', 0o755],
    ['in a folder that is closed to it', 0o700],
  ])('is refused to root and left as it is, %s', async (_, mode) => {
    chownSync(dataDir, NOBODY, NOBODY);
    const dir = makeCluster(NOBODY);
    chmodSync(dataDir, mode);
    await expect(start()).rejects.toMatchObject({
      code: 'cluster_of_another_user',
      message: expect.stringContaining(`number ${NOBODY}`) as string,
    });
    expect(statSync(dir).uid).toBe(NOBODY);
    expect(readdirSync(dataDir)).toEqual(['postgres']);
  });

  it.runIf(nobodyCanTry)(
    'is refused to an ordinary user, in its place and where root has put it',
    async () => {
      const dir = makeCluster(0);
      chownSync(dataDir, NOBODY, NOBODY);
      expect(await startAsNobody()).toBe('cluster_of_another_user');
      expect(existsSync(join(dir, 'PG_VERSION'))).toBe(true);
      expect(readdirSync(dataDir)).toEqual(['postgres']);
      writeFileSync(join(dataDir, 'postgres-location'), dir);
      expect(await startAsNobody()).toBe('cluster_of_another_user');
    },
  );

  it('is not what cannot be read for another reason', async () => {
    writeFileSync(join(dataDir, 'postgres'), 'a file where a directory should be');
    await expect(start()).rejects.toMatchObject({ code: 'cluster_unreadable' });
  });
});
