import { summarise } from './measure.ts';
import { insertSql } from './read-bench.ts';
import type { Figure, ReadBench } from './read-bench.ts';
import { ask, Client } from './shape-clients.ts';
import { seconds } from './snapshot.ts';

const RUNS = 500;
const WARM_UP = 50;
const FAN_OUT = 1_000;
const FAN_OUT_RUNS = 10;
/** Requests that are on their way when an INSERT is sent have arrived after this long, on open connections. */
const SETTLE_MS = 500;
/** The same while a thousand connections are opened at once, which is more than a listener keeps in its queue. */
const CONNECT_MS = 4_000;

/** One client that waits: from the INSERT's call to the answer, beside the INSERT itself. */
export async function live({ pool, server }: ReadBench): Promise<Figure[]> {
  const client = new Client(server.url, 'all');
  await client.catchUp();
  const inserts: number[] = [];
  const whole: number[] = [];
  for (let run = 0; run < WARM_UP + RUNS; run += 1) {
    const waiting = client.step(true);
    await pause(5);
    const startedAt = performance.now();
    let insertMs = 0;
    const inserted = pool.query(insertSql(run, 1, 10)).then(() => (insertMs = performance.now() - startedAt));
    await waiting;
    const wholeMs = performance.now() - startedAt;
    await inserted;
    if (run < WARM_UP) continue;
    inserts.push(insertMs);
    whole.push(wholeMs);
  }
  const [floor, all] = [summarise(inserts), summarise(whole)];
  const unit = 'ms';
  return [
    {
      name: 'live, p50',
      value: all.p50,
      unit,
      floor: { what: 'the INSERT', value: floor.p50 },
      goal: 'floor + 1.2',
    },
    { name: 'live, p99', value: all.p99, unit, floor: { what: 'the INSERT', value: floor.p99 } },
  ];
}

/** One write to 1,000 waiting clients of one shape: when the last of them has it. */
export async function fanOut({ pool, server, bare }: ReadBench): Promise<Figure[]> {
  await pool.query(insertSql(1, 10, 10));
  const clients = Array.from({ length: FAN_OUT }, () => new Client(server.url, 'all'));
  for (const client of clients) await client.catchUp();
  const bareUrl = await bare();
  const ours: number[] = [];
  const floor: number[] = [];
  // The first run opens the connections and does not count.
  for (let run = 0; run <= FAN_OUT_RUNS; run += 1) {
    const settleMs = run === 0 ? CONNECT_MS : SETTLE_MS;
    const answers = Promise.all(clients.map((client) => client.step(true)));
    await pause(settleMs);
    const oursS = await seconds(() => Promise.all([pool.query(insertSql(1_000 + run, 1, 10)), answers]));
    const polls = Promise.all(clients.map(() => ask(`${bareUrl}/poll`)));
    await pause(settleMs);
    const floorS = await seconds(() => Promise.all([ask(`${bareUrl}/news/${FAN_OUT}`), polls]));
    if (run === 0) continue;
    ours.push(oursS);
    floor.push(floorS);
  }
  return [
    {
      name: `one write to ${FAN_OUT} clients, last one`,
      value: summarise(ours).p50 * 1000,
      unit: 'ms',
      floor: { what: 'bare HTTP, held polls', value: summarise(floor).p50 * 1000 },
      goal: '≤ 60',
    },
  ];
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
