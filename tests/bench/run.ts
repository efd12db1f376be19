import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import { durableAppend, httpRoundTrip, rawInsert, replicaInsert } from './floor.ts';
import { machine, table } from './measure.ts';
import type { Row } from './measure.ts';
import { reportToReplica } from './report-to-replica.ts';

// What `npm run bench` runs: each case beside the floor of what it cannot do without, measured in the same run.
const dir = mkdtempSync(join(tmpdir(), 'halo-bench-'));
chmodSync(dir, 0o755);
const cluster = await startCluster({ dataDir: dir, port: 'free', log: createLogger('warn') });
try {
  const admin = new pg.Client(cluster.url());
  await admin.connect();
  await admin.query('CREATE DATABASE bench');
  await admin.end();
  process.stdout.write(`${machine()}\n\n${table(await circle(cluster.url('bench'), dir))}\n`);
} finally {
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function circle(databaseUrl: string, workDir: string): Promise<Row[]> {
  const floor: Row[] = [
    { name: 'floor: durable append to a file', summary: await durableAppend(workDir) },
    { name: 'floor: HTTP round trip', summary: await httpRoundTrip() },
    { name: 'floor: raw INSERT, committed', summary: await rawInsert(databaseUrl) },
    { name: 'floor: raw PGlite INSERT, on disk', summary: await replicaInsert(workDir) },
  ];
  const floorMs = floor.reduce((sum, { summary }) => sum + summary.p50, 0);
  const server = await startServerProcess(databaseUrl, { env: { HALO_RATE_LIMIT: 'off' } });
  try {
    const summary = await reportToReplica(server.url, workDir);
    return [...floor, { name: "report → other device's replica", summary, floorMs }];
  } finally {
    await stopServerProcess(server);
  }
}
