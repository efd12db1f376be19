import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataDir, removeDataDir } from './data-dir.ts';
import { startProcess } from './process.ts';
import type { TestProcess } from './process.ts';

/** A data directory of a test's own, and the Halos that run on it with the Postgres that Halo brings. */
export interface OwnHalo {
  readonly dataDir: string;
  /** Runs what `npm start` runs, or another command with its entry, e.g. `npm run demo` with `server/demo/main.ts`. */
  run(env?: NodeJS.ProcessEnv, entry?: string, args?: readonly string[]): TestProcess;
  /** The process of the embedded Postgres, as its own pid file says; undefined when it has stopped in order. */
  postgresPid(): number | undefined;
  /** Ends the Postgres that a failed test may have left, and removes the directory. */
  remove(): void;
}

/** Makes one; the test removes it. */
export function ownHalo(): OwnHalo {
  const dataDir = makeDataDir('halo-start-');
  const postgresPid = (): number | undefined => {
    const pointer = join(dataDir, 'postgres-location');
    const cluster = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : join(dataDir, 'postgres');
    const file = join(cluster, 'postmaster.pid');
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
  };
  return {
    dataDir,
    run(env = {}, entry = 'server/main.ts', args = []) {
      const quiet = { POLISEN_FEED_URL: 'off', HALO_BACKUP_DIR: 'off', LOG_LEVEL: 'silent', PORT: '0' };
      return startProcess(entry, args, { HALO_DATA_DIR: dataDir, ...quiet, ...env });
    },
    postgresPid,
    remove() {
      const pid = postgresPid();
      if (pid !== undefined) process.kill(pid, 'SIGQUIT');
      removeDataDir(dataDir);
    },
  };
}

/** Where it listens, once it has said so. */
export async function urlOf(halo: TestProcess): Promise<string> {
  const [, url] = await halo.waitFor(/Field app +(http:\/\/[^\s/]+)/);
  return url!;
}

/** The first operator's log-in, as it is printed. */
export function printed(halo: TestProcess): { email: string; password: string } | undefined {
  const [, email, password] = /e-mail +(\S+)\s+password +(\S+)/.exec(halo.output()) ?? [];
  return email === undefined ? undefined : { email, password: password! };
}
