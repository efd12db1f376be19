import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { replicaTableName, replicaTableSql, SYNCED_SCHEMA } from '@halo/shapes/catalog/replica-schema.ts';
import { digestSql } from '@halo/shapes/catalog/row-digest.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import type { ShapeColumn, ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { Checksum } from '@halo/shapes/protocol/checksum.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryPostgres } from '../support/prepared-replica.ts';
import { digestOfRow, digestText } from '../../server/shape-engine/row-digest.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServer, ShapeServerOptions } from '../support/shape-server.ts';

type Row = Readonly<Record<string, string | null>>;

const incidents = CATALOG.get('incidents')!;

/** What a device with these rows comes to. */
function checksumOf(columns: readonly ShapeColumn[], rows: Iterable<Row>): Checksum {
  const places = columns.map((_, index) => index);
  const tuples = [...rows].map((row) => columns.map(({ name }) => row[name] ?? null));
  const digest = tuples.reduce((sum, tuple) => sum ^ digestOfRow(columns, tuple, places), 0n);
  return { rows: tuples.length, digest: digestText(digest) };
}

async function ask(server: ShapeServer, name: string, query: Record<string, string>, authorization = '') {
  const search = new URLSearchParams(query).toString();
  const answer = await fetch(`${server.url}/v1/shapes/${name}/checksum?${search}`, {
    headers: { authorization },
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as object };
}

async function start(options: ShapeServerOptions = {}) {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  const server = await startShapeServer(database, options);
  onTestFinished(() => server.stop());
  const reader = new StrictShapeReader(server.url, '/v1/shapes/incidents', { region: '01' });
  const catchUp = async () => {
    await server.readPath.caughtUp();
    while (!(await reader.step()));
  };
  const place = () => ({ region: '01', offset: reader.offset, handle: reader.handle! });
  const own = () => checksumOf(incidents.columns, reader.rows.values());
  return { database, pool: database.pool, server, reader, catchUp, place, own };
}

/** Asks for a checksum while somebody holds the table. */
async function askWhileLocked() {
  const { pool, server, catchUp, place } = await start();
  await insertIncident(pool, { region: '01' });
  await catchUp();
  const owner = await pool.connect();
  await owner.query('BEGIN; LOCK TABLE incidents');
  const unlock = async () => {
    await owner.query('ROLLBACK');
    owner.release();
  };
  return { pool, server, place, asked: ask(server, 'incidents', place()), unlock };
}

describe('the checksum of a shape', () => {
  it('is not told for an offset that lies too far back, by a code, and is again where its reader has caught up', async () => {
    const { pool, server, catchUp, place, own } = await start();
    await insertIncident(pool, { region: '01' });
    await catchUp();
    const before = place();
    // Each switch leaves the rest of its 16 MiB unused.
    for (let n = 0; n < 17; n += 1) {
      await insertIncident(pool, { region: '03' });
      await pool.query('SELECT pg_switch_wal()');
    }
    await server.readPath.caughtUp();
    const { status, body } = await ask(server, 'incidents', before);
    expect([status, body]).toMatchObject([422, { code: 'offset_too_old', field: 'offset' }]);
    await catchUp();
    expect((await ask(server, 'incidents', place())).body).toMatchObject(own());
  });

  it('invariant 7: is that of the rows at the offset asked for, whatever is written meanwhile', async () => {
    const { pool, server, catchUp, place, own } = await start();
    for (let n = 0; n < 40; n += 1) await insertIncident(pool, { region: n % 2 === 0 ? '01' : '03' });
    // Begun before every snapshot and ended after most: seen by none of them, and in the log behind them.
    const late = await pool.connect();
    await late.query('BEGIN');
    await late.query(
      `UPDATE incidents SET severity = 5, region = '01' WHERE id IN (SELECT id FROM incidents LIMIT 3)`,
    );
    let writing = true;
    const writers = [1, 2, 3].map(async (writer) => {
      const picked = '(SELECT id FROM incidents ORDER BY random() LIMIT 3)';
      while (writing) {
        const statement = [
          `UPDATE incidents SET severity = 1 + floor(random() * 5) WHERE id IN ${picked}`,
          `UPDATE incidents SET region = CASE region WHEN '01' THEN '03' ELSE '01' END WHERE id IN ${picked}`,
          `DELETE FROM incidents WHERE id IN ${picked}`,
          `UPDATE incidents SET id = gen_random_uuid() WHERE id IN ${picked}`,
        ][Math.floor(Math.random() * 4)]!;
        await insertIncident(pool, { region: '01', severity: writer });
        await pool.query(`SET lock_timeout = '50ms'; ${statement}`).catch(() => {});
      }
    });
    const former: { place: Record<string, string>; own: Checksum }[] = [];
    try {
      for (let round = 0; round < 12; round += 1) {
        await catchUp();
        former.push({ place: place(), own: own() });
        const asked = former[Math.floor(Math.random() * former.length)]!;
        for (const each of [former.at(-1)!, asked]) {
          expect((await ask(server, 'incidents', each.place)).body).toEqual(each.own);
        }
        if (round === 8) await late.query('COMMIT');
      }
    } finally {
      late.release();
      writing = false;
      await Promise.all(writers);
    }
    await catchUp();
    for (const each of former) expect((await ask(server, 'incidents', each.place)).body).toEqual(each.own);
    expect((await ask(server, 'incidents', place())).body).toEqual(own());
    expect(own().rows).toBeGreaterThan(10);
  });

  it('leaves out what was committed between the snapshot and the barrier', async () => {
    let between = async () => {};
    const { pool, server, catchUp, place, own } = await start({ beforeBarrier: () => between() });
    await insertIncident(pool, { region: '01' });
    await catchUp();
    const before = { place: place(), own: own() };
    between = async () => {
      between = async () => {};
      await pool.query(`UPDATE incidents SET severity = 5`);
      await insertIncident(pool, { region: '01' });
    };
    expect((await ask(server, 'incidents', before.place)).body).toEqual(before.own);
    await catchUp();
    expect(own()).not.toEqual(before.own);
    expect((await ask(server, 'incidents', place())).body).toEqual(own());
    expect((await ask(server, 'incidents', before.place)).body).toEqual(before.own);
  });

  it('counts what devices say that they have', async () => {
    const { pool, server, catchUp, place, own } = await start();
    await insertIncident(pool, { region: '01' });
    await catchUp();
    const { rows, digest } = own();
    const with_ = (more: Record<string, string>) => ask(server, 'incidents', { ...place(), ...more });
    expect(await with_({ rows: String(rows), digest })).toMatchObject({
      status: 200,
      body: { rows, digest },
    });
    expect(server.tally.counts).toEqual({ equal: 1, different: 0 });
    await with_({ rows: String(rows), digest: '0123456789abcdef' });
    await with_({ rows: '7', digest });
    expect(server.tally.counts).toEqual({ equal: 1, different: 2 });
    const bad: Record<string, string>[] = [{ rows: '-1', digest }, { rows: '1' }, { rows: '1', digest: 'x' }];
    for (const more of bad) expect((await with_(more)).status).toBe(400);
    expect(server.tally.counts).toEqual({ equal: 1, different: 2 });
  });

  it('means nothing where the position does: refetch, or a place that the log has not', async () => {
    const { pool, server, catchUp, place } = await start();
    await insertIncident(pool, { region: '01' });
    await catchUp();
    const known = place();
    expect((await ask(server, 'incidents', { ...known, handle: 'another' })).status).toBe(409);
    expect((await ask(server, 'incidents', { ...known, offset: '0_0' })).status).toBe(400);
    expect((await ask(server, 'incidents', { ...known, offset: '999999999999999_0' })).status).toBe(400);
    expect((await ask(server, 'incidents', { region: '01', offset: '-1' })).status).toBe(400);
    expect((await ask(server, 'incidents', { ...known, live: 'true' })).status).toBe(400);
    expect((await ask(server, 'incidents', known)).headers.get('cache-control')).toBe('private, no-store');
    await pool.query('TRUNCATE incidents CASCADE');
    await server.readPath.caughtUp();
    const gone = await ask(server, 'incidents', known);
    expect(gone.status).toBe(409);
    expect(gone.headers.get('electric-handle')).not.toBe(known.handle);
  });

  it('means nothing where the table was truncated since, also to a server that began afterwards', async () => {
    const { database, pool, server, catchUp, place } = await start();
    await insertIncident(pool, { region: '01' });
    await catchUp();
    const known = place();
    await pool.query('TRUNCATE incidents CASCADE');
    await server.readPath.caughtUp();
    const { slotName, dir } = server.readPath;
    await server.stop();
    const next = await startShapeServer(database, { slotName, dir });
    onTestFinished(() => next.stop());
    const gone = await ask(next, 'incidents', known);
    expect(gone.status).toBe(409);
    expect(gone.headers.get('electric-handle')).not.toBe(known.handle);
  });

  it('means nothing where the log has begun anew while it was asked for', async () => {
    let between = async () => {};
    const { pool, server, catchUp, place } = await start({ beforeBarrier: () => between() });
    await insertIncident(pool, { region: '01' });
    await catchUp();
    const known = place();
    await insertIncident(pool, { region: '01' });
    between = async () => {
      between = async () => {};
      const { log, caughtUp } = server.readPath;
      await caughtUp();
      // As after a restore: a history that begins before the position, and does not have what was written since.
      await log.reset('another', BigInt(known.offset.split('_')[0]!) - 8n);
      await pool.query(`SELECT pg_logical_emit_message(true, 'test', '')`);
    };
    const gone = await ask(server, 'incidents', known);
    expect(gone.status).toBe(409);
    expect(gone.headers.get('electric-handle')!.split('-')[0]).not.toBe(known.handle.split('-')[0]);
  });

  it('keeps no server that stops waiting for Postgres', async () => {
    const { pool, server, asked, unlock } = await askWhileLocked();
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await eventually(async () => (await pool.query(waiting)).rowCount === 1);
    await server.engine.close();
    const { status, body } = await asked;
    await unlock();
    expect([status, body]).toMatchObject([503, { code: 'shutting_down' }]);
  });

  it('is to be asked for again where Postgres broke off the reading of the rows', async () => {
    const { pool, server, place, asked, unlock } = await askWhileLocked();
    // As it does by itself when the time is up.
    const stop = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await eventually(async () => (await pool.query(stop)).rowCount === 1);
    const { status, headers, body } = await asked;
    await unlock();
    expect([status, headers.get('retry-after'), body]).toMatchObject([503, '60', { code: 'query_too_slow' }]);
    expect((await ask(server, 'incidents', place())).status).toBe(200);
  });

  it('invariant 8: is of what the asker may follow: his role, his own rows, and declared parameters', async () => {
    const { pool, server, catchUp, place, own } = await start();
    await insertIncident(pool, { region: '01' });
    await insertIncident(pool, { region: '03' });
    await catchUp();
    expect((await ask(server, 'incidents', place())).body).toEqual(own());
    expect(own().rows).toBe(1);
    for (const more of [
      { where: 'true' },
      { table: 'users' },
      { subset__where: 'true' },
      { columns: 'id' },
    ]) {
      expect((await ask(server, 'incidents', { ...place(), ...more })).status).toBe(400);
    }
    // A position in one region says nothing of another.
    expect((await ask(server, 'incidents', { ...place(), region: '03' })).status).toBe(409);
    expect((await ask(server, 'incidents', { ...place(), region: `01' OR true` })).status).toBe(400);
    expect((await ask(server, 'incident_transitions', place())).status).toBe(403);
    expect((await ask(server, 'nothing', place())).status).toBe(404);

    const [ann, bob] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    for (const id of [ann, bob]) {
      await pool.query(
        `INSERT INTO users (id, email, password_hash, display_name) VALUES ($1::uuid, $1::text || '@halo.example', 'x', 'x')`,
        [id],
      );
    }
    await pool.query(
      `INSERT INTO watches (id, user_id, name, lat, lon, radius_m, threshold)
       SELECT gen_random_uuid(), $1, 'home', 59, 18, 100, 0.5 FROM generate_series(1, 3)`,
      [ann],
    );
    const counts = await Promise.all(
      [ann, bob].map(async (id) => {
        const mine = new StrictShapeReader(server.url, '/v1/shapes/my_watches', {}, id);
        while (!(await mine.step()));
        const at = { offset: mine.offset, handle: mine.handle! };
        const { body } = await ask(server, 'my_watches', at, id);
        expect(body).toEqual(checksumOf(CATALOG.get('my_watches')!.columns, mine.rows.values()));
        // Another's position is no way to another's rows.
        const other = id === ann ? bob : ann;
        expect((await ask(server, 'my_watches', at, other)).status).toBe(409);
        return (body as Checksum).rows;
      }),
    );
    expect(counts).toEqual([3, 0]);
  });
});

const VALUES: ShapeDefinition = {
  ...incidents,
  name: 'values',
  table: 'values',
  columns: [
    column('id', 'int4'),
    column('u', 'uuid', 'null'),
    column('t', 'text', 'null'),
    column('s', 'int2', 'null'),
    column('b', 'int8', 'null'),
    column('f', 'float8', 'null'),
    column('o', 'bool', 'null'),
    column('z', 'timestamptz', 'null'),
    column('j', 'jsonb', 'null'),
    column('e', 'text', 'null'),
  ],
  where: null,
  values: [],
  params: {},
};
const ROWS = `
  (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (2, gen_random_uuid(), '', 0, 0, 0, false, 'epoch', 'null', 'b c'),
  (3, gen_random_uuid(), 'NULL', -1, -1, '-0', true, 'infinity', '""', 'a'),
  (4, gen_random_uuid(), E'tab\\t quote\\' "double" \\\\N {brace, }\\n åäö 🚲 \\x1f', 32767, 9223372036854775807, 0.1, true,
      '2026-03-29 02:30:00.000001+02', '{"b": 1.50, "a": [true, null, "\\u001f å"], "b": 2}', 'b c'),
  (5, gen_random_uuid(), ' ', -32768, -9223372036854775808, 'NaN', false, '0044-03-15 BC', '[1e400]', 'a'),
  (6, gen_random_uuid(), ':', 1, 1, '-Infinity', false, '-infinity', '{}', 'a'),
  (7, gen_random_uuid(), '1:x', 1, 1, 1e-300, true, '2026-01-01T00:00:00+05:45', '[]', 'a'),
  (8, gen_random_uuid(), E'e\\u0301', 1, 1, 1e21, true, now(), '"t"', 'a'),
  (9, gen_random_uuid(), 'x', 1, 1, 0.1::float8 + 0.2::float8, true, clock_timestamp(), '12345678901234567890.10', 'a')`;

it('Postgres, the device and the log write each value alike, and no two rows as one', async () => {
  const { pool } = await useTestDatabase();
  await pool.query(`CREATE TYPE letter AS ENUM ('b c', 'a');
    CREATE TABLE "values" (id int4 PRIMARY KEY, u uuid, t text, s int2, b int8, f float8, o bool, z timestamptz, j jsonb, e letter);
    INSERT INTO "values" VALUES ${ROWS}`);
  const device = await memoryPostgres();
  onTestFinished(() => device.close());
  await device.exec(`CREATE SCHEMA ${SYNCED_SCHEMA}; ${replicaTableSql(VALUES)}`);
  const { columns } = VALUES;
  const names = columns.map(({ name }) => name).join(', ');
  // As the wire has them: the text of the types' output functions.
  const texts = columns.map(
    ({ name }) => `CASE WHEN ${name} IS NULL THEN NULL ELSE concat(${name}) END AS ${name}`,
  );
  const { rows } = await pool.query<Row>(`SELECT ${texts.join(', ')} FROM "values" ORDER BY id`);
  expect(rows).toHaveLength(9);
  const digests = new Set<string>();
  for (const row of rows) {
    const casts = columns.map(({ type }, index) => `$${index + 1}::text::${type}`).join(', ');
    await device.query(
      `INSERT INTO ${replicaTableName(VALUES)} (${names}) VALUES (${casts})`,
      columns.map(({ name }) => row[name]),
    );
    const where = `WHERE id = ${row['id']}`;
    const own = checksumOf(columns, [row]);
    const there = await pool.query<Checksum>(digestSql(columns, `FROM "values" ${where}`));
    const here = await device.query<Checksum>(
      digestSql(columns, `FROM ${replicaTableName(VALUES)} ${where}`),
    );
    expect({ id: row['id'], here: here.rows[0], there: there.rows[0] }).toEqual({
      id: row['id'],
      here: own,
      there: own,
    });
    digests.add(own.digest);
  }
  expect(digests.size).toBe(rows.length);
  const empty = checksumOf(columns, []);
  expect((await pool.query(digestSql(columns, 'FROM "values" WHERE false'))).rows).toEqual([empty]);
  const all = checksumOf(columns, rows.toReversed());
  expect((await pool.query(digestSql(columns, 'FROM "values"'))).rows).toEqual([all]);
  expect((await device.query(digestSql(columns, `FROM ${replicaTableName(VALUES)}`))).rows).toEqual([all]);
});
