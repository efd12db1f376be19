import { parseArgs } from 'node:util';
import pg from 'pg';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import { migrate } from '../../server/db/migrate.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { makeDataDir, removeDataDir } from '../support/data-dir.ts';
import { runOracle } from './oracle.ts';

// What `npm run oracle` runs: `-- --minutes N` (60) says for how long, `--seed N` repeats the choices of a run.
const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 60);
const seed = Number(values.seed ?? Date.now() >>> 0);
if (!(minutes >= 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('Usage: npm run oracle -- [--minutes N] [--seed N]\n');
  process.exit(1);
}
const log = createLogger('warn');
const dataDir = makeDataDir('halo-oracle-cluster-');
const cluster = await startCluster({ dataDir, port: 'free', flags: { fsync: 'off' }, log });
try {
  const admin = new pg.Client(cluster.url());
  await admin.connect();
  await admin.query('CREATE DATABASE oracle');
  await admin.end();
  const databaseUrl = cluster.url('oracle');
  await migrate(databaseUrl, log);
  process.stdout.write(`seed ${seed}, ${minutes} minutes\n`);
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const report = await runOracle({ databaseUrl, seed, minutes, say });
  process.stdout.write(`every shape equals its query: ${JSON.stringify(report)}\n`);
} finally {
  await cluster.stop();
  removeDataDir(dataDir);
}
