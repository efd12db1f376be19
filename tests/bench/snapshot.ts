import { to as copyTo } from 'pg-copy-streams';
import { insertSql } from './read-bench.ts';
import type { Figure, ReadBench } from './read-bench.ts';
import { ask, Client } from './shape-clients.ts';

const WARM_RUNS = 5;
const WATCH_MS = 20;
const MIB = 1024 * 1024;

/** A snapshot of so many rows: made for its first reader, and given to the next ones. */
export function snapshotOf(rows: number) {
  return (bench: ReadBench): Promise<Figure[]> => measureSnapshot(bench, rows);
}

async function measureSnapshot({ pool, server, bare }: ReadBench, rows: number): Promise<Figure[]> {
  await pool.query(insertSql(1, rows, 10));
  await pool.query('VACUUM ANALYZE readings');
  const copySeconds = await seconds(async () => {
    const client = await pool.connect();
    const stream = client.query(copyTo('COPY (SELECT id, region, n, title, at FROM readings) TO STDOUT'));
    for await (const piece of stream) void piece;
    client.release();
  });
  // An answer waits until the log has what was written before: reading those rows is no part of this case.
  await new Client(server.url, 'region', 'none').catchUp();
  const first = new Client(server.url, 'all');
  const before = server.memory();
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, server.memory())), WATCH_MS);
  const cold = await seconds(() => first.catchUp());
  clearInterval(watching);
  const warmRuns: number[] = [];
  const bareRuns: number[] = [];
  const bareUrl = await bare();
  const chunk = Math.ceil(first.bytes / Math.ceil(first.bytes / (10 * 1024 * 1024)));
  for (let run = 0; run < WARM_RUNS; run += 1) {
    warmRuns.push(await seconds(() => new Client(server.url, 'all').catchUp()));
    bareRuns.push(
      await seconds(async () => {
        for (let at = 0; at < first.bytes; at += chunk) await ask(`${bareUrl}/bytes/${chunk}`);
      }),
    );
  }
  const [warm, floor] = [Math.min(...warmRuns), Math.min(...bareRuns)];
  const unit = 'rows/s';
  return [
    {
      name: `snapshot of ${rows} rows, cold`,
      value: rows / cold,
      unit,
      floor: { what: 'raw COPY', value: rows / copySeconds },
      goal: '≥ 200000',
    },
    {
      name: `snapshot of ${rows} rows, warm`,
      value: rows / warm,
      unit,
      floor: { what: 'bare HTTP, same bytes', value: rows / floor },
      goal: '≥ 800000',
    },
    { name: 'the server’s memory while it was made', value: (most - before) / MIB, unit: 'MiB more' },
  ];
}

/** How long the work takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}
