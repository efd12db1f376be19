import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { prepareReplica } from '../../.ci/packages/prepared-replica.mjs';
import { startCluster } from '../../server/db/embedded/cluster.ts';
import { migrate } from '../../server/db/migrate.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import { idleClients, restart, stalledReaders } from './crowds.ts';
import { deviceOpen } from './device-open.ts';
import { durableAppend, httpRoundTrip, rawInsert, replicaInsert } from './floor.ts';
import { forecasts } from './forecasts.ts';
import { inspector } from './inspector.ts';
import { fanOut, live } from './live.ts';
import { liveQuery } from './live-query.ts';
import { liveWhileTraining } from './live-while-training.ts';
import { manyShapes } from './many-shapes.ts';
import { hugeTransaction } from './huge-transaction.ts';
import { mutations, mutationsAmong } from './mutations.ts';
import { pointAreas } from './point-areas.ts';
import { figures, machine, table } from './measure.ts';
import type { Row } from './measure.ts';
import { withReadBench } from './read-bench.ts';
import type { Figure, ReadBench } from './read-bench.ts';
import { replicaApply } from './replica-apply.ts';
import { reportToReplica } from './report-to-replica.ts';
import { closeClients } from './shape-clients.ts';
import { snapshotOf } from './snapshot.ts';
import { sockets } from './sockets.ts';

/** Cases of the read path, each on a database and a server of its own. */
const READ_CASES: Readonly<Record<string, (bench: ReadBench) => Promise<readonly Figure[]>>> = {
  snapshot: snapshotOf(300_000),
  'snapshot-1000000': snapshotOf(1_000_000),
  live,
  'fan-out': fanOut,
  'equality-1000': manyShapes('region', 1_000, 100_000, '≥ 40000'),
  'equality-10000': manyShapes('region', 10_000, 100_000, '≥ 40000'),
  'unindexed-1000': manyShapes('above', 1_000, 5_000, '≥ 1000'),
  'huge-transaction': hugeTransaction,
  restart,
  stalled: stalledReaders,
  idle: idleClients,
  sockets,
};
/** Cases of devices and of what they send: each has a migrated database of its own, and a folder. */
const DEVICE_CASES: Readonly<
  Record<string, (databaseUrl: string, dir: string) => Promise<readonly Figure[]>>
> = {
  mutations,
  'mutations-1000000': mutationsAmong(1_000_000),
  inspector,
  'replica-apply': replicaApply,
  'device-10000': deviceOpen(10_000),
  'device-100000': deviceOpen(100_000),
  'live-query-10000': liveQuery(10_000),
  'live-query-100000': liveQuery(100_000),
  // After the case of pure code of the same name.
  forecasts: liveWhileTraining(1_000_000),
};
/** Cases of pure code. */
const PURE_CASES: Readonly<Record<string, () => readonly Figure[] | Promise<readonly Figure[]>>> = {
  'point-areas': pointAreas,
  forecasts,
};
const CIRCLE = 'circle';
const NAMES = [
  ...new Set([CIRCLE, ...[PURE_CASES, DEVICE_CASES, READ_CASES].flatMap((cases) => Object.keys(cases))]),
];

// What `npm run bench` runs: each case beside the floor of what it cannot do without, measured in the same run. With
// names of cases as arguments, only those.
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !NAMES.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`There is no case ${unknown}; there are: ${NAMES.join(', ')}\n`);
  process.exit(1);
}
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
await prepareReplica();
const dir = mkdtempSync(join(tmpdir(), 'halo-bench-'));
chmodSync(dir, 0o755);
const cluster = await startCluster({ dataDir: dir, port: 'free', log: createLogger('warn') });
try {
  process.stdout.write(`${machine()}\n`);
  if (isWanted(CIRCLE)) process.stdout.write(`\n${table(await circle(await database('bench'), dir))}\n`);
  for (const [name, run] of Object.entries(PURE_CASES)) if (isWanted(name)) show(name, await run());
  for (const [name, run] of Object.entries(DEVICE_CASES)) {
    if (isWanted(name)) show(name, await run(await migrated(name), dir));
  }
  for (const [name, run] of Object.entries(READ_CASES)) {
    if (isWanted(name)) show(name, await withReadBench(await migrated(name), run));
  }
} finally {
  closeClients();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}

function show(name: string, found: readonly Figure[]): void {
  process.stdout.write(`\n${name}\n${figures(found)}\n`);
}

async function migrated(name: string): Promise<string> {
  const databaseUrl = await database(`bench_${name.replaceAll('-', '_')}`);
  await migrate(databaseUrl, createLogger('warn'));
  return databaseUrl;
}

async function database(name: string): Promise<string> {
  const admin = new pg.Client(cluster.url());
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  return cluster.url(name);
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
