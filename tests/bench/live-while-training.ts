import pg from 'pg';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';
import { createDice } from '../oracle/random.ts';
import { RawDevice } from '../support/mutations-client.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { pause } from './live.ts';
import { summarise } from './measure.ts';
import { fill, placeInCounty } from './mutations.ts';
import { peakMemory } from './peak-memory.ts';
import type { Figure } from './read-bench.ts';

const SEED = 20_261_127;
const WARM_UP = 50;
const RUNS = 300;
const ASK_EVERY_MS = 500;
/** The history is read before anything is learnt from it, which may take so long. */
const UNDER_WAY_WITHIN_MS = 15 * 60_000;
/** So long may the first series take from then on, beside all else. */
const TRAINED_WITHIN_MS = 120 * 60_000;
const MIB = 2 ** 20;

/** Milliseconds of each run. */
interface Latencies {
  readonly inserted: number[];
  readonly live: number[];
  readonly posted: number[];
}

/** What training the first series took: the whole of it, and the most that the server had in memory until it was done. */
interface Trained {
  readonly durationMs: number;
  readonly peakBytes: number;
}

/**
 * How long a follower of a shape waits for an INSERT, and a device for the answer to a report, while the server trains in its worker
 * thread on so many incidents; beside the same on the same server before the training was asked for. And what that training took of the
 * first series, cells of all types, as production does it.
 */
export const liveWhileTraining =
  (stored: number) =>
  async (databaseUrl: string): Promise<readonly Figure[]> => {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    try {
      await fill(client, stored);
      const server = await startServerProcess(databaseUrl, { env: { HALO_RATE_LIMIT: 'off' } });
      try {
        const account = await registerAccount(server.url, 'training');
        const token = await accessToken(server.url, account);
        const subject = await createSubject(server.url, client, token);
        await subject(WARM_UP);
        const before = await subject(RUNS);
        await beginTraining(server.url, client);
        const during = await subject(RUNS);
        if ((await runOf(client)).state !== 'running')
          throw new Error('the training ended before it was measured');
        const trained = await firstTrained(client, server.process.pid);
        return [...figuresOf(before, during, stored), ...trainingFigures(trained, stored)];
      } finally {
        await stopServerProcess(server);
      }
    } finally {
      await client.end();
    }
  };

/** What is measured, again and again: an INSERT that a follower waits for, and a report. */
async function createSubject(
  url: string,
  client: pg.Client,
  token: string,
): Promise<(runs: number) => Promise<Latencies>> {
  const follower = new StrictShapeReader(url, '/v1/shapes/incidents', { region: '01' }, `Bearer ${token}`);
  await follower.catchUp();
  const device = new RawDevice(token);
  const dice = createDice(SEED);
  /** Does something that the follower hears of; milliseconds until it was done, and until it was heard of. */
  const heard = async (work: () => Promise<unknown>): Promise<readonly [number, number]> => {
    const waiting = follower.step(true);
    await pause(5);
    const startedAt = performance.now();
    const done = work().then(() => performance.now() - startedAt);
    await waiting;
    const heardMs = performance.now() - startedAt;
    return [await done, heardMs];
  };
  return async (runs) => {
    const latencies: Latencies = { inserted: [], live: [], posted: [] };
    for (let run = 0; run < runs; run += 1) {
      const [insertedMs, liveMs] = await heard(() => insertIncident(client, placeInCounty(dice)));
      latencies.inserted.push(insertedMs);
      latencies.live.push(liveMs);
      const [postedMs] = await heard(async () => {
        const { status, body } = await device.post(url, [
          device.report('A bicycle was taken', placeInCounty(dice)),
        ]);
        if (status !== 200 || body.results[0]?.status !== 'applied')
          throw new Error(`a report was answered ${status}`);
      });
      latencies.posted.push(postedMs);
    }
    return latencies;
  };
}

function insertIncident(client: pg.Client, { lat, lon }: { lat: number; lon: number }): Promise<unknown> {
  return client.query(
    `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region, report_count,
       reporter_count) VALUES (gen_random_uuid(), 'theft', 2, 0.5, now(), $1, $2, 'point', '01', 1, 1)`,
    [lat, lon],
  );
}

/** Asks for a retraining and waits until its thread has told how far it is. */
async function beginTraining(url: string, client: pg.Client): Promise<void> {
  const authorization = `Bearer ${await accessToken(url, OPERATOR)}`;
  const path = `${url}/api/v1/admin/retrain/trigger`;
  const { status } = await fetch(path, { method: 'POST', headers: { authorization } });
  if (status !== 202) throw new Error(`the retraining was refused with ${status}`);
  const deadline = performance.now() + UNDER_WAY_WITHIN_MS;
  for (;;) {
    const { state, progress } = await runOf(client);
    if (state !== 'running') throw new Error(`the training has ${state} before it was under way`);
    if (progress > 0) return;
    if (performance.now() > deadline) throw new Error('the training never got under way');
    await pause(ASK_EVERY_MS);
  }
}

/** Waits for the first model: that there is one says that what was measured was a training. */
async function firstTrained(client: pg.Client, serverPid: number): Promise<Trained> {
  const deadline = performance.now() + TRAINED_WITHIN_MS;
  for (;;) {
    const { state } = await runOf(client);
    const { rows } = await client.query<{ durationMs: number; decision: string }>(
      `SELECT duration_ms AS "durationMs", decision FROM models WHERE kind = 'trained' AND place_kind = 'cell-9' AND category = 'all'`,
    );
    const [model] = rows;
    if (model?.decision === 'failed') throw new Error('the first series could not be trained');
    if (model !== undefined) return { durationMs: model.durationMs, peakBytes: peakMemory(serverPid) };
    if (state !== 'running') throw new Error(`the run has ${state} and nothing was trained`);
    if (performance.now() > deadline) throw new Error('the first series was never done');
    await pause(ASK_EVERY_MS);
  }
}

async function runOf(client: pg.Client): Promise<{ state: string; progress: number }> {
  const { rows } = await client.query<{ state: string; progress: number }>(
    `SELECT state, progress FROM job_runs WHERE job = 'retrain' ORDER BY started_at DESC LIMIT 1`,
  );
  return rows[0]!;
}

function figuresOf(before: Latencies, during: Latencies, stored: number): readonly Figure[] {
  const incidents = stored.toLocaleString('en');
  const both = (name: string, of: keyof Latencies): Figure[] => {
    const [floor, found] = [summarise(before[of]), summarise(during[of])];
    return (['p50', 'p99'] as const).map((share) => ({
      name: `${name}, ${share}, while ${incidents} incidents are learnt from`,
      value: found[share],
      unit: 'ms',
      floor: { what: 'the same before', value: floor[share] },
    }));
  };
  return [
    ...both('live update', 'live'),
    ...both('the INSERT of it', 'inserted'),
    ...both('POST /v1/mutations, a report', 'posted'),
  ];
}

function trainingFigures({ durationMs, peakBytes }: Trained, stored: number): readonly Figure[] {
  const of = `of ${stored.toLocaleString('en')} incidents`;
  return [
    { name: `the first series ${of}, learnt and tested`, value: durationMs / 1000, unit: 's' },
    {
      name: `the server's peak memory with it and the history ${of}`,
      value: peakBytes / MIB,
      unit: 'MiB',
      goal: '< 2048',
    },
  ];
}
