import { existsSync } from 'node:fs';
import pg from 'pg';
import { lockDataDir } from '../../server/db/data-dir-lock.ts';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import { createLogger } from '../../server/platform/logger.ts';

// Opens the databases that failed tests have kept, until Ctrl-C: node --import tsx tests/support/open-kept.ts FOLDER
const dataDir = process.argv[2];
if (dataDir === undefined || !existsSync(dataDir))
  throw new Error('Name the folder that the test run printed.');
const log = createLogger('warn');
const lock = lockDataDir(dataDir, log);
const cluster = await startCluster({ dataDir, port: 'free', log });
const admin = new pg.Client(cluster.url());
await admin.connect();
const { rows } = await admin.query<{ name: string; note: string }>(
  `SELECT datname AS name, shobj_description(oid, 'pg_database') AS note FROM pg_database
   WHERE shobj_description(oid, 'pg_database') LIKE 'kept: %'`,
);
await admin.end();
for (const { name, note } of rows) process.stdout.write(`${note}\n  psql ${cluster.url(name)}\n`);
process.stdout.write('Ctrl-C ends it.\n');
const heartbeat = setInterval(() => {}, 60_000);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(heartbeat);
    void cluster.stop().finally(() => lock.release());
  });
}
