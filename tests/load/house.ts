import pg from 'pg';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { makeDataDir, removeDataDir } from '../support/data-dir.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import type { Measured } from './usage.ts';
import { parentOf } from './usage.ts';

/** The server under load. */
export interface House extends Measured {
  /** Reports that Postgres holds, and those that the ledger says it applied; undefined of a server elsewhere. */
  stored(): Promise<{ readonly reports: number; readonly settled: number } | undefined>;
  close(): Promise<void>;
}

/** A server elsewhere, of which only the answers are known. */
export function elsewhere(origin: string): House {
  const nothing = { serverPid: undefined, postgresPid: undefined };
  return { origin, ...nothing, stored: () => Promise.resolve(undefined), close: () => Promise.resolve() };
}

/** Starts a Postgres and a server of the run's own, each in its own processes, as `npm start` does behind one proxy. */
export async function startHouse(): Promise<House> {
  const dataDir = makeDataDir('halo-load-');
  const cluster = await startCluster({ dataDir, port: 'free', log: createLogger('warn') });
  const admin = new pg.Client(cluster.url('halo'));
  const closeCluster = async () => {
    await cluster.stop();
    removeDataDir(dataDir);
  };
  try {
    const first = new pg.Client(cluster.url());
    await first.connect();
    await first.query('CREATE DATABASE halo');
    await first.end();
    const server = await startServerProcess(cluster.url('halo'), { env: { HALO_TRUSTED_PROXIES: '1' } });
    await admin.connect();
    const { rows } = await admin.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return {
      origin: server.url,
      serverPid: server.process.pid,
      postgresPid: parentOf(rows[0]!.pid),
      stored: async () => {
        const counted = await admin.query<{ reports: number; settled: number }>(
          `SELECT (SELECT count(*)::int FROM reports) AS reports,
                  (SELECT count(*)::int FROM ledger WHERE status = 'applied') AS settled`,
        );
        return counted.rows[0]!;
      },
      async close() {
        await admin.end();
        await stopServerProcess(server);
        await closeCluster();
      },
    };
  } catch (error) {
    await closeCluster();
    throw error;
  }
}
