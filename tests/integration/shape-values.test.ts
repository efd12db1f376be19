import { column } from '@halo/shapes/catalog/shape.ts';
import type { ShapeColumn, ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

/** Types whose text depends on who renders them, and values that escape badly. */
const VALUES: Readonly<Record<string, string>> = {
  a_bool: 'true::bool',
  a_float: `'0.1'::float8 / 3`,
  a_real: `'NaN'::real`,
  a_numeric: `'12.3400'::numeric(10,4)`,
  a_bytea: `'\\x00ff5c'::bytea`,
  a_interval: `'1 year 2 days 03:04:05.6'::interval`,
  a_time: `'2026-07-01 12:00:00.123456+02'::timestamptz`,
  a_date: `'0044-03-15 BC'::date`,
  a_char: `'ab'::char(5)`,
  a_inet: `'10.0.0.1/32'::inet`,
  an_array: `ARRAY['a,b', NULL, 'c"d', E'e\\\\f']::text[]`,
  a_json: `'{"b": 1, "a": "x\\ty/z"}'::jsonb`,
  a_text: `E'tab\\t line\\n return\\r back\\\\slash "quote" \\u0001 \\u00e5 \\U0001F600 \\\\N /'`,
  a_null: 'NULL::text',
  an_empty: `''::text`,
};

it('invariant 5: snapshot and stream give the same text for the same value, in keys too', async () => {
  const database = await useTestDatabase();
  const names = Object.keys(VALUES);
  const { pool } = database;
  await pool.query(
    `CREATE TABLE things AS SELECT 'k/"\\ 1'::text AS id, ${names.map((n) => `${VALUES[n]!} AS ${n}`).join(', ')}`,
  );
  await pool.query(`
    ALTER TABLE things ADD PRIMARY KEY (id);
    ALTER TABLE things REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE things`);
  const columns: ShapeColumn[] = [column('id', 'text'), ...names.map((name) => column(name, 'text', 'null'))];
  const things: ShapeDefinition = {
    name: 'things',
    table: 'things',
    columns,
    key: ['id'],
    where: null,
    values: [],
    params: {},
    readers: ROLES,
    personal: false,
  };
  const server = await startShapeServer(database, { catalog: new Map([['things', things]]) });
  onTestFinished(() => server.stop());
  const streamed = new StrictShapeReader(server.url, '/v1/shapes/things');
  await streamed.catchUp();
  const snapshot = [...streamed.rows.entries()];
  await pool.query('CREATE TABLE copy AS TABLE things');
  await pool.query('BEGIN; DELETE FROM things; INSERT INTO things TABLE copy; COMMIT');
  await server.readPath.caughtUp();
  await streamed.catchUp();
  expect([...streamed.rows.entries()]).toEqual(snapshot);
  expect(streamed.refetches).toBe(0);
  const [key, row] = snapshot[0]!;
  expect(key).toBe('"public"."things"/"k//"\\ 1"');
  expect(row).toMatchObject({
    a_bool: 't',
    a_interval: 'P1Y2DT3H4M5.6S',
    a_time: '2026-07-01 10:00:00.123456+00',
    a_char: 'ab   ',
    a_null: null,
    an_empty: '',
    a_text: 'tab\t line\n return\r back\\slash "quote" \u0001 å 😀 \\N /',
  });
});
