import pg from 'pg';
import { createDice } from '../oracle/random.ts';
import { RawDevice } from '../support/mutations-client.ts';
import { RETRAIN_JOB, SCORE_JOB } from '../../server/jobs/run-store.ts';
import { pastBefore } from '../../server/reports/report.ts';
import { accessToken, registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { Figure } from './read-bench.ts';

/** What a device sends at once, and what a raw transaction inserts the rows of. */
const BATCH = 100;
const BATCHES_A_DEVICE = 20;
const DEVICES = 2;
const WARM_UP_BATCHES = 5;
const SEED = 20_261_126;
/** What of the schema is none of the mutations' doing. */
const OTHER_TABLES = new Set(['users', 'sessions', 'refresh_tokens', 'devices', 'instances', 'job_runs']);
const FLOOR = 'floor';

type Json = Record<string, unknown>;

/** As `mutations`, in a table that holds so many reports of the last three years already. */
export const mutationsAmong =
  (stored: number) =>
  async (databaseUrl: string): Promise<readonly Figure[]> => {
    const client = await connect(databaseUrl);
    try {
      await fill(client, stored);
    } finally {
      await client.end();
    }
    return mutations(databaseUrl);
  };

/**
 * Reports through `POST /v1/mutations`, in batches of 100 from some devices at once, beside raw INSERTs of the very rows
 * that this has written, as many a transaction, on as many connections, into tables of the same columns and indexes.
 */
export async function mutations(databaseUrl: string): Promise<readonly Figure[]> {
  const server = await startServerProcess(databaseUrl, { env: { HALO_RATE_LIMIT: 'off' } });
  const clients = await Promise.all(Array.from({ length: DEVICES }, () => connect(databaseUrl)));
  const [client] = clients;
  try {
    const account = await registerAccount(server.url, 'mutations');
    const token = await accessToken(server.url, account);
    const dice = createDice(SEED);
    const batches = Array.from({ length: DEVICES }, () => {
      const device = new RawDevice(token);
      const count = WARM_UP_BATCHES + BATCHES_A_DEVICE;
      return Array.from({ length: count }, () => {
        const reports = Array.from({ length: BATCH }, () =>
          device.report('A bicycle was taken', placeInCounty(dice)),
        );
        return async () => {
          const { status, body } = await device.post(server.url, reports);
          if (status !== 200 || body.results.some((each) => each.status !== 'applied')) {
            throw new Error(`a batch was answered ${status}: ${JSON.stringify(body)}`);
          }
        };
      });
    });
    await inStep(batches.map((each) => each.slice(0, WARM_UP_BATCHES)));
    const before = await counts(client!);
    const sentMs = await inStep(batches.map((each) => each.slice(WARM_UP_BATCHES)));
    const after = await counts(client!);
    const written = new Map<string, Json[]>();
    for (const [table, rows] of after) {
      const fresh = rows - (before.get(table) ?? 0);
      if (fresh > 0 && !OTHER_TABLES.has(table)) written.set(table, await newest(client!, table, fresh));
    }
    await stopServerProcess(server);
    const rawMs = await insertRaw(clients, written);
    const total = DEVICES * BATCHES_A_DEVICE * BATCH;
    const rows = [...written.values()].reduce((sum, each) => sum + each.length, 0);
    return [
      {
        name: 'reports through the API',
        value: (total / sentMs) * 1_000,
        unit: 'reports/s',
        floor: { what: 'their rows inserted raw', value: (total / rawMs) * 1_000 },
        goal: '≥ 0.5 of floor',
      },
      {
        name: `rows that a report writes (${[...written.keys()].join(', ')})`,
        value: rows / total,
        unit: 'rows',
      },
    ];
  } finally {
    await stopServerProcess(server);
    for (const each of clients) await each.end();
  }
}

/** Spread over the county of Stockholm, so that some reports meet and most do not. */
export const placeInCounty = (dice: { below(n: number): number }) => ({
  lat: 59.1 + dice.below(10_000) / 20_000,
  lon: 17.8 + dice.below(10_000) / 12_000,
});

/**
 * Old reports where the new ones come, each of an incident of its own, as they are on a server that has been up for long: what is
 * past is marked so, each was known when it happened (or nothing could be learnt from them), and forecasts have just been made. Replication has not begun, and need not read them.
 */
export async function fill(client: pg.Client, count: number): Promise<void> {
  await client.query(
    `WITH numbered AS (
       SELECT gen_random_uuid() AS id, gen_random_uuid() AS incident_id, 59.1 + random() * 0.5 AS lat, 17.8 + random() * 0.83 AS lon,
         now() - random() * interval '3 years' AS occurred_at
       FROM generate_series(1, $1)
     ), aged AS (
       SELECT id, incident_id, lat, lon, occurred_at, occurred_at < $2 AS past FROM numbered
     ), incident AS (
       INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, report_count, reporter_count, past, status)
       SELECT incident_id, 'theft', 2, 0.5, occurred_at, lat, lon, 'point', 1, 1, past, (CASE WHEN past THEN 'closed' ELSE 'open' END)::incident_status
       FROM aged
     )
     INSERT INTO reports (id, source, type, severity, occurred_at, known_at, description, lat, lon, accuracy_m, location_precision, incident_id, past)
     SELECT id, 'user', 'theft', 2, occurred_at, occurred_at, 'A bicycle was taken', lat, lon, 20, 'point', incident_id, past FROM aged`,
    [count, pastBefore(new Date())],
  );
  await client.query(
    `INSERT INTO job_runs (id, job, trigger, state, started_at, finished_at, progress)
     SELECT gen_random_uuid(), job, 'schedule', 'succeeded', now(), now(), 1 FROM unnest($1::text[]) AS job`,
    [[RETRAIN_JOB, SCORE_JOB]],
  );
  await client.query('VACUUM ANALYZE');
}

/** Runs each line's tasks one after another, the lines beside each other; milliseconds for all. */
async function inStep(lines: readonly (readonly (() => Promise<void>)[])[]): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(
    lines.map(async (tasks) => {
      for (const task of tasks) await task();
    }),
  );
  return performance.now() - startedAt;
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  return client;
}

async function counts(client: pg.Client): Promise<Map<string, number>> {
  const { rows } = await client.query<{ table: string }>(
    `SELECT relname AS table FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
  );
  const found = new Map<string, number>();
  for (const { table } of rows) {
    const counted = await client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${pg.escapeIdentifier(table)}`,
    );
    found.set(table, counted.rows[0]!.n);
  }
  return found;
}

/** The rows written last, as Postgres's own texts. */
async function newest(client: pg.Client, table: string, count: number): Promise<Json[]> {
  const { rows } = await client.query<{ row: Json }>(
    `SELECT to_jsonb(t) AS row FROM ${pg.escapeIdentifier(table)} t ORDER BY xmin::text::bigint DESC LIMIT $1`,
    [count],
  );
  return rows.map(({ row }) => row);
}

/** Milliseconds for all rows, shared out evenly over as many transactions as there were batches. */
async function insertRaw(
  clients: readonly pg.Client[],
  written: ReadonlyMap<string, readonly Json[]>,
): Promise<number> {
  const [first] = clients;
  await first!.query(`CREATE SCHEMA ${FLOOR}`);
  for (const table of written.keys()) {
    await first!.query(
      `CREATE TABLE ${FLOOR}.${pg.escapeIdentifier(table)} (LIKE public.${pg.escapeIdentifier(table)} INCLUDING ALL)`,
    );
  }
  const generated = await generatedColumns(first!);
  const transactions = DEVICES * BATCHES_A_DEVICE;
  const lines = clients.map((client, line) =>
    Array.from({ length: BATCHES_A_DEVICE }, (_, i) => {
      const at = line * BATCHES_A_DEVICE + i;
      const statements = [...written].flatMap(([table, rows]) => {
        const share = (n: number) => Math.floor((rows.length * n) / transactions);
        const some = rows.slice(share(at), share(at + 1));
        return some.length === 0 ? [] : [insertOf(table, some, generated)];
      });
      return async () => {
        await client.query('BEGIN');
        for (const { text, values } of statements) await client.query(text, values);
        await client.query('COMMIT');
      };
    }),
  );
  const elapsed = await inStep(lines);
  await first!.query(`DROP SCHEMA ${FLOOR} CASCADE`);
  return elapsed;
}

/** Names, as `table.column`, of columns that cannot be given. */
async function generatedColumns(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND (is_generated = 'ALWAYS' OR identity_generation = 'ALWAYS')`,
  );
  return new Set(rows.map(({ name }) => name));
}

function insertOf(table: string, rows: readonly Json[], generated: ReadonlySet<string>) {
  const columns = Object.keys(rows[0]!).filter((name) => !generated.has(`${table}.${name}`));
  const values = rows.flatMap((row) => columns.map((name) => asParameter(row[name])));
  const tuples = rows.map(
    (_, i) => `(${columns.map((_column, j) => `$${i * columns.length + j + 1}`).join(', ')})`,
  );
  const names = columns.map((name) => pg.escapeIdentifier(name)).join(', ');
  return {
    text: `INSERT INTO ${FLOOR}.${pg.escapeIdentifier(table)} (${names}) VALUES ${tuples.join(', ')}`,
    values,
  };
}

/** Objects are JSON; arrays of texts stay arrays. */
function asParameter(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? JSON.stringify(value) : value;
}
