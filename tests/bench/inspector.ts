import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { to as copyTo } from 'pg-copy-streams';
import { createPool } from '../../server/db/pool.ts';
import type { Pool } from '../../server/db/pool.ts';
import { ContactWriter } from '../../server/inspector/contact-writer.ts';
import { DeviceBook } from '../../server/inspector/device-book.ts';
import { HeadHistory } from '../../server/inspector/head-history.ts';
import { Heads } from '../../server/inspector/heads.ts';
import { Instances } from '../../server/inspector/instances.ts';
import { OpenChecks } from '../../server/inspector/open-checks.ts';
import { readStalledDevices } from '../../server/inspector/stalled-devices.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { Latency } from '../../server/platform/latency.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { WELL } from '../support/inspector.ts';
import { accessToken, OPERATOR, startServerProcess, stopServerProcess } from '../support/server.ts';
import { httpRoundTrip } from './floor.ts';
import { measure, summarise } from './measure.ts';
import type { Summary } from './measure.ts';
import type { Figure } from './read-bench.ts';

const DEVICES = 10_000;
const DEVICES_A_PERSON = 10;
const SHAPES = ['areas', 'incidents?region=01', 'predictions?region=01'];
const ASKED = 200;
/** A view of all devices is kept for up to five seconds: so many are asked for after it is gone. */
const COLD = 5;
const VIEW_KEPT_MS = 5_200;
const WRITES = 8;
const OBSERVATIONS = 5_000_000;
const INSTANCE = 'bench0000000';

/**
 * The inspector over 10,000 devices that have just been heard, in the database of a running server: what an operator waits for,
 * what it costs to write down that they were heard, what the shape `devices` weighs, and what a histogram costs whom it times.
 */
export async function inspector(databaseUrl: string): Promise<readonly Figure[]> {
  const pool = createPool(databaseUrl, 5, createLogger('silent'));
  const server = await startServerProcess(databaseUrl, { env: { HALO_RATE_LIMIT: 'off' } });
  try {
    await fill(pool);
    const written = await writing(pool);
    const authorization = `Bearer ${await accessToken(server.url, OPERATOR)}`;
    const read = await reading(pool, server.url, authorization);
    const shape = await streaming(pool, server.url, authorization);
    return [...read, ...written, ...shape, ...histograms()];
  } finally {
    await stopServerProcess(server);
    await pool.end();
  }
}

async function fill(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO users (id, email, password_hash, display_name, role)
     SELECT gen_random_uuid(), 'bench' || i || '@halo.example', 'none', 'Person ' || i, 'reporter'
       FROM generate_series(1, $1::int) i`,
    [DEVICES / DEVICES_A_PERSON],
  );
  await pool.query(
    `INSERT INTO device_status (id, user_id, known_by, app_version, pending, rejected, reported_at)
     SELECT gen_random_uuid(), u.id, 'device', '1.0.0', 0, 0, now()
       FROM users u CROSS JOIN generate_series(1, $1::int) WHERE u.email LIKE 'bench%'`,
    [DEVICES_A_PERSON],
  );
  await pool.query('ANALYZE users, device_status');
}

/** All of them are heard and due to be written; each round nine seconds later, by the writer's clock. */
async function writing(pool: Pool): Promise<Figure[]> {
  const { rows } = await pool.query<{ id: string; userId: string; lsn: string }>(
    `SELECT id, user_id AS "userId", (pg_current_wal_insert_lsn() - '0/0')::text AS lsn FROM device_status WHERE known_by = 'device'`,
  );
  let offsetMs = 0;
  const nowMs = () => performance.now() + offsetMs;
  const book = new DeviceBook(nowMs);
  const checks = new OpenChecks(nowMs);
  const logger = createLogger('silent');
  const writer = new ContactWriter({ pool, instance: INSTANCE, book, checks, nowMs, logger });
  const hear = () => {
    for (const { id, userId, lsn } of rows) {
      const report = { id, v: '1.0.0', p: 0, r: 0 };
      const device = book.heard({ userId, sessionId: id, report });
      for (const shape of SHAPES) {
        const place = { phase: 'live', offset: `${lsn}_0`, run: 'one', looks: false, events: false } as const;
        book.asked(device, { shape, ...place });
      }
    }
  };
  hear();
  // The first also writes what each says of itself.
  await writer.write();
  const noted = await measure(WRITES, 1, async () => {
    offsetMs += 10_000;
    hear();
    await Promise.resolve();
  });
  const durations: number[] = [];
  for (let round = 0; round < WRITES; round += 1) {
    offsetMs += 10_000;
    hear();
    const beganAt = performance.now();
    await writer.write();
    durations.push(performance.now() - beganAt);
  }
  const raw = await measure(WRITES, 1, async () => {
    await pool.query('UPDATE device_contacts SET heard_at = now(), written_at = now()');
  });
  return [
    {
      name: 'contacts of 10,000 devices written, p50',
      value: summarise(durations).p50,
      unit: 'ms',
      floor: { what: 'the rows updated raw', value: raw.p50 },
    },
    {
      name: 'a request of a device noted, with its shapes',
      value: (noted.p50 / rows.length) * 1_000,
      unit: 'µs',
    },
  ];
}

async function reading(pool: Pool, url: string, authorization: string): Promise<Figure[]> {
  const ask = async (path: string) => {
    const answer = await fetch(`${url}/api/v1/admin/sync/devices${path}`, { headers: { authorization } });
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}`);
    return (await answer.json()) as { devices: { id: string }[] };
  };
  const bare = await httpRoundTrip();
  const cold = await measure(COLD, 1, async () => {
    await ask('?limit=50');
    await new Promise((resolve) => setTimeout(resolve, VIEW_KEPT_MS));
  });
  const rows = await measure(COLD, 1, async () => {
    await pool.query('SELECT id, user_id, pending, rejected, heard_at FROM device_status');
    await pool.query('SELECT id, instance, heard_at, since, due_s, shapes FROM device_contacts');
  });
  const { devices } = await ask('?limit=50');
  const asked = (path: () => string) => measure(ASKED, 20, async () => void (await ask(path())));
  const page = await asked(() => '?limit=50');
  const filtered = await asked(() => '?limit=50&q=bench77');
  const one = await asked(() => `/${devices[0]!.id}`);
  const history = new HeadHistory();
  history.sample(performance.now() - 600_000, 1n);
  const nowMs = () => performance.now();
  const instances = new Instances({ db: pool, self: INSTANCE, ownReport: () => WELL });
  const heads = new Heads({ history, instances, nowMs });
  const parts = { pool, heads, history, clock: systemClock, nowMs };
  const stalled = await measure(20, 3, async () => void (await readStalledDevices(parts, 300_000)));
  return [
    {
      name: 'list, when nobody has looked for 5 s, p50',
      value: cold.p50 - VIEW_KEPT_MS,
      unit: 'ms',
      floor: { what: 'the rows read raw', value: rows.p50 },
      goal: '≤ 100 ms',
    },
    ...percentiles('list, a page of 50', page, bare),
    ...percentiles('list, filtered by a text', filtered, bare),
    ...percentiles('one device', one, bare),
    { name: 'looked who is stalled, for the alert, p50', value: stalled.p50, unit: 'ms' },
  ];
}

function percentiles(name: string, { p50, p99 }: Summary, bare: Summary): Figure[] {
  const floorOf = (value: number) => ({ what: 'bare HTTP', value });
  return [
    { name: `${name}, p50`, value: p50, unit: 'ms', floor: floorOf(bare.p50), goal: '≤ 100 ms' },
    { name: `${name}, p99`, value: p99, unit: 'ms', floor: floorOf(bare.p99) },
  ];
}

/** The shape `devices`, as a console that begins reads it. */
async function streaming(pool: Pool, url: string, authorization: string): Promise<Figure[]> {
  let bytes = 0;
  const readAll = async () => {
    bytes = 0;
    let place = 'offset=-1';
    for (;;) {
      const answer = await fetch(`${url}/v1/shapes/devices?${place}`, { headers: { authorization } });
      if (answer.status !== 200) throw new Error(`the shape was answered ${answer.status}`);
      bytes += (await answer.arrayBuffer()).byteLength;
      if (answer.headers.has('electric-up-to-date')) return;
      place = `offset=${answer.headers.get('electric-offset')}&handle=${answer.headers.get('electric-handle')}`;
    }
  };
  const beganAt = performance.now();
  await readAll();
  const first = performance.now() - beganAt;
  const again = await measure(10, 1, readAll);
  const { columns, table } = CATALOG.get('devices')!;
  const copy = await measure(5, 1, async () => {
    const client = await pool.connect();
    try {
      const names = columns.map(({ name }) => name).join(', ');
      for await (const piece of client.query(copyTo(`COPY (SELECT ${names} FROM ${table}) TO STDOUT`)))
        void (piece as Buffer).byteLength;
    } finally {
      client.release();
    }
  });
  const floor = { what: 'raw COPY', value: copy.p50 };
  return [
    { name: 'shape devices, size', value: bytes / 1024, unit: 'KiB' },
    { name: 'shape devices to a console, first', value: first, unit: 'ms', floor },
    { name: 'the same again, p50', value: again.p50, unit: 'ms', floor },
  ];
}

/** What a histogram costs whom it times, beside adding to a cell of an array. */
function histograms(): Figure[] {
  const latency = new Latency();
  const cells = new Float64Array(16);
  const timed = (work: (ms: number) => void) => {
    // Durations as they come: mostly some milliseconds, seldom seconds.
    const durations = Float64Array.from({ length: 1_024 }, (_, i) => (i % 100 === 99 ? 900 : (i % 40) / 4));
    for (let i = 0; i < 100_000; i += 1) work(durations[i & 1_023]!);
    const beganAt = performance.now();
    for (let i = 0; i < OBSERVATIONS; i += 1) work(durations[i & 1_023]!);
    return ((performance.now() - beganAt) * 1e6) / OBSERVATIONS;
  };
  const floor = timed((ms) => void (cells[ms & 15]! += ms));
  const value = timed((ms) => latency.observe(ms));
  return [
    {
      name: 'an observation of a histogram',
      value,
      unit: 'ns',
      floor: { what: 'adding to a cell', value: floor },
    },
  ];
}
