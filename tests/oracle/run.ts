import { parseArgs } from 'node:util';
import pg from 'pg';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import { migrate } from '../../server/db/migrate.ts';
import { HaloError, sentenceOf } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { makeDataDir, removeDataDir } from '../support/data-dir.ts';
import { tellFaults } from '../support/tell-faults.ts';
import { runOracle } from './oracle.ts';

// What `npm run oracle` runs: `-- --minutes N` (60) says for how long, `--seed N` repeats the choices of a run.
await tellFaults(async () => {
  const { minutes, seed } = readArguments(process.argv.slice(2));
  const log = createLogger('warn');
  const dataDir = makeDataDir('halo-oracle-cluster-');
  try {
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
    }
  } finally {
    removeDataDir(dataDir);
  }
});

/** Fails with `oracle_usage`. */
function readArguments(args: readonly string[]): { readonly minutes: number; readonly seed: number } {
  const text = { type: 'string' } as const;
  const usage = (message: string) =>
    new HaloError('oracle_usage', message, { hint: 'Usage: npm run oracle -- [--minutes N] [--seed N]' });
  try {
    const { values } = parseArgs({ args: [...args], options: { minutes: text, seed: text } });
    const minutes = Number(values.minutes ?? 60);
    const seed = Number(values.seed ?? Date.now() >>> 0);
    if (minutes >= 0 && Number.isSafeInteger(seed)) return { minutes, seed };
  } catch (error) {
    throw usage(sentenceOf(error));
  }
  throw usage('--minutes must be a number, and --seed a whole one.');
}
