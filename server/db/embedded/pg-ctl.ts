import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { PostgresBinaries } from './binaries.ts';
import { freePort, isFree } from './free-port.ts';
import { runsIn } from './postmaster.ts';
import { programFailed, runAs } from './run-as.ts';
import { holdingMark, runningMark } from './running-mark.ts';
import { beginAnew, serverLogFile, serverLogTail } from './server-log.ts';
import type { SystemUser } from './system-user.ts';

const START_TIMEOUT_S = 60;
const STOP_TIMEOUT_S = 30;
/** Between choosing a free port and listening on it somebody else may take it. */
const PORT_ATTEMPTS = 5;

/**
 * WAL that is kept for a slot at most. The cluster shares its disk with everything else of Halo's, and a full disk
 * stops all of it; a slot that has lost its WAL costs each device one fetch of its shapes. Eight times the change
 * log's own bound (1 GiB): who is further behind than that would find no use for most of it.
 */
const MAX_SLOT_WAL = '8GB';

/** What it takes to run the server of one cluster. */
export interface ServerSetting {
  readonly dir: string;
  readonly binaries: PostgresBinaries;
  readonly user: SystemUser | undefined;
}

/** Starts the server and waits until it answers; returns its port. */
export async function startServer(
  setting: ServerSetting,
  wanted: number | 'free',
  flags: Readonly<Record<string, string>>,
): Promise<number> {
  await beginAnew(setting.dir);
  const former = wanted === 'free' ? await formerPort(setting.dir) : 0;
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted === 'free' ? await freePort(attempt === 1 ? former : 0) : wanted;
    try {
      await start(setting, port, flags);
      await writeFile(`${setting.dir}.port`, `${port}\n`);
      return port;
    } catch (cause) {
      if (wanted === 'free' && attempt < PORT_ATTEMPTS && !(await isFree(port))) continue;
      const tail = await serverLogTail(setting.dir);
      const message = `Postgres did not start${tail === '' ? '' : `; its log ends: ${tail}`}`;
      throw programFailed('postgres_start_failed', message, cause);
    }
  }
}

/** Ends the sessions and shuts the server down; it writes a checkpoint, so the next start needs no recovery. */
export async function stopServer({ dir, binaries, user }: ServerSetting): Promise<void> {
  await runAs(user, binaries.pgCtl, ['stop', '-D', dir, '-m', 'fast', '-w', '-t', String(STOP_TIMEOUT_S)]);
}

/**
 * Shuts down a server that a killed Halo left running, and fails with `postgres_runs_elsewhere` when one runs that
 * cannot be seen from here: it is never signalled, and its pid file is left to it. With no server at work, a
 * pid file whose number is now another program is removed: Postgres itself would refuse to start over it, and
 * `pg_ctl stop` would send that program a signal.
 */
export async function stopOrphan(setting: ServerSetting, log: Logger): Promise<void> {
  const pidFile = join(setting.dir, 'postmaster.pid');
  const contents = await readFile(pidFile, 'utf8').catch(() => undefined);
  const pid = Number(contents?.split('\n')[0] ?? 0);
  if (await runsIn(pid, setting.dir)) {
    log.info({ pid }, 'a Postgres left running by a Halo that was killed is shut down and started anew');
    await stopServer(setting).catch(async (error: unknown) => {
      // It may have been dying already; what counts is that it is gone.
      if (await runsIn(pid, setting.dir)) throw error;
    });
    return;
  }
  if ((await runningMark(setting.dir, setting.user)) === 'held') {
    throw new HaloError(
      'postgres_runs_elsewhere',
      `A Postgres that cannot be seen from here runs on the files in ${setting.dir}.`,
      {
        field: 'HALO_DATA_DIR',
        hint: 'Stop the container that runs it, or set HALO_DATA_DIR to another directory.',
      },
    );
  }
  // A dead process is left to Postgres, which also checks that none of its children is still at work.
  if (contents !== undefined && isAlive(pid)) await rm(pidFile, { force: true });
}

async function start(
  setting: ServerSetting,
  port: number,
  flags: Readonly<Record<string, string>>,
): Promise<void> {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    wal_level: 'logical',
    max_wal_senders: '64',
    max_replication_slots: '64',
    max_slot_wal_keep_size: MAX_SLOT_WAL,
    max_connections: '200',
    ...flags,
  };
  const serverOptions = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
  const { dir, binaries, user } = setting;
  const where = ['-D', dir, '-l', serverLogFile(dir)];
  const wait = ['-w', '-t', String(START_TIMEOUT_S)];
  const args = ['start', ...where, ...wait, '-o', serverOptions.join(' ')];
  const canMark = (await runningMark(dir, user)) !== 'unknown';
  await runAs(
    user,
    ...(canMark ? holdingMark(dir, binaries.pgCtl, args) : ([binaries.pgCtl, args] as const)),
  );
}

async function formerPort(dir: string): Promise<number> {
  const port = Number(await readFile(`${dir}.port`, 'utf8').catch(() => ''));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
