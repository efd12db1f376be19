import { execFile } from 'node:child_process';
import { chown, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { findBinaries } from './binaries.ts';
import type { PostgresBinaries } from './binaries.ts';
import { clusterDirectory, clusterPassword } from './cluster-files.ts';
import { systemUserForPostgres } from './system-user.ts';
import type { SystemUser } from './system-user.ts';

const run = promisify(execFile);

export const SUPERUSER = 'halo';
const START_TIMEOUT_S = 60;
const STOP_TIMEOUT_S = 30;
/** The server's own log is begun anew at a start once it is larger than this. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

export interface ClusterOptions {
  /** Halo's data directory; the cluster lies in it, or is pointed to by it. */
  readonly dataDir: string;
  /** `free`: one that nobody listens on, and the former one again where possible. */
  readonly port: number | 'free';
  /** Server settings besides those that Halo needs. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/** A running Postgres of our own. */
export interface Cluster {
  readonly port: number;
  /** Connection URL of the superuser. */
  url(database?: string): string;
  /** Ends sessions and shuts down cleanly. */
  stop(): Promise<void>;
}

interface Setting {
  readonly dir: string;
  readonly binaries: PostgresBinaries;
  readonly user: SystemUser | undefined;
  readonly password: string;
}

/**
 * Starts the embedded Postgres of a data directory, making it on first use. `pg_ctl` puts the server into a
 * session of its own, so a terminal's Ctrl-C reaches Halo alone and Postgres outlives the drain. A server
 * that a killed Halo left running is shut down and started anew; a stale pid file is no obstacle.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const log = options.log.child({ component: 'postgres' });
  const user = await systemUserForPostgres();
  const binaries = await findBinaries(user, log);
  const dir = await clusterDirectory(options.dataDir, user, log);
  const setting: Setting = { dir, binaries, user, password: await clusterPassword(dir) };

  await initialise(setting);
  await stopOrphan(setting, log);
  const port = options.port === 'free' ? await choosePort(dir) : options.port;
  await start(setting, port, options.flags ?? {});
  return {
    port,
    url: (database = 'postgres') =>
      `postgres://${SUPERUSER}:${encodeURIComponent(setting.password)}@127.0.0.1:${port}/${database}`,
    stop: () => stop(setting),
  };
}

async function initialise({ dir, binaries, user, password }: Setting): Promise<void> {
  if (await exists(join(dir, 'PG_VERSION'))) return;
  const passwordFile = `${dir}.init-password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
  try {
    await runAs(user, binaries.initdb, [
      `--pgdata=${dir}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-instructions',
    ]);
  } catch (cause) {
    throw failed('postgres_init_failed', 'Postgres could not make its data directory', cause);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function start(setting: Setting, port: number, flags: Readonly<Record<string, string>>): Promise<void> {
  const { dir, binaries, user } = setting;
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    wal_level: 'logical',
    max_wal_senders: '64',
    max_replication_slots: '64',
    max_connections: '200',
    ...flags,
  };
  const logFile = join(dir, 'server.log');
  if ((await sizeOf(logFile)) > MAX_LOG_BYTES) await truncate(logFile);
  const serverOptions = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
  const args = [
    'start',
    '-D',
    dir,
    '-l',
    logFile,
    '-w',
    '-t',
    String(START_TIMEOUT_S),
    '-o',
    serverOptions.join(' '),
  ];
  try {
    await runAs(user, binaries.pgCtl, args);
  } catch (cause) {
    const tail = (await readFile(logFile, 'utf8').catch(() => ''))
      .trimEnd()
      .split('\n')
      .slice(-3)
      .join(' | ');
    throw failed(
      'postgres_start_failed',
      `Postgres did not start${tail === '' ? '' : `; its log ends: ${tail}`}`,
      cause,
    );
  }
  await writeFile(`${dir}.port`, `${port}\n`);
}

async function stop({ dir, binaries, user }: Setting): Promise<void> {
  await runAs(user, binaries.pgCtl, ['stop', '-D', dir, '-m', 'fast', '-w', '-t', String(STOP_TIMEOUT_S)]);
}

async function stopOrphan(setting: Setting, log: Logger): Promise<void> {
  if (!(await exists(join(setting.dir, 'postmaster.pid')))) return;
  if (!(await isRunning(setting))) return;
  log.info('a Postgres left running by a Halo that was killed is shut down and started anew');
  await stop(setting).catch(async (error: unknown) => {
    // It may have been dying already; what counts is that it is gone.
    if (await isRunning(setting)) throw error;
  });
}

function isRunning({ dir, binaries, user }: Setting): Promise<boolean> {
  return runAs(user, binaries.pgCtl, ['status', '-D', dir]).then(
    () => true,
    () => false,
  );
}

async function choosePort(dir: string): Promise<number> {
  const former = Number(await readFile(`${dir}.port`, 'utf8').catch(() => ''));
  return (await tryPort(Number.isInteger(former) && former > 0 ? former : 0)) ?? (await tryPort(0)) ?? 0;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => resolve(free));
    });
  });
}

/** Runs a program as `user`, without a working directory that it might not be able to enter. */
async function runAs(user: SystemUser | undefined, program: string, args: string[]): Promise<void> {
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  await run(program, args, { ...identity, cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

function failed(code: string, message: string, cause: unknown): HaloError {
  const stderr = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1);
  return new HaloError(code, `${message}${stderr === undefined || stderr === '' ? '' : `: ${stderr}`}.`, {
    cause,
  });
}
