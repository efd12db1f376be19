import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { useTestDatabase } from '../support/database.ts';
import { requestShape, StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const PATH = '/v1/shapes/shares';

/** A condition that fails on the row whose `n` is the value. */
const SHARES: ShapeDefinition = {
  name: 'shares',
  table: 'shares',
  columns: [column('id', 'int4'), column('n', 'int4')],
  key: ['id'],
  where: '10 / (n - $1) > 0',
  values: [{ param: 'value' }],
  params: { value: z.string() },
  readers: ROLES,
  personal: false,
};

async function start() {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE shares (id int PRIMARY KEY, n int NOT NULL);
    ALTER TABLE shares REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE shares;
    INSERT INTO shares SELECT i, i + 100 FROM generate_series(1, 50) i`);
  const catalog = new Map([[SHARES.name, SHARES]]);
  const server = await startShapeServer(database, { catalog });
  onTestFinished(() => server.stop());
  return { database, server };
}

it('a snapshot that fails takes none of those down that are read in the same transaction', async () => {
  const { server } = await start();
  const values = Array.from({ length: 60 }, (_, i) => i + 90);
  const answers = await Promise.all(
    values.map((value) => requestShape(server.url, PATH, { offset: '-1', value: String(value) })),
  );
  for (const [i, value] of values.entries()) {
    const { status, messages } = answers[i]!;
    const fails = value > 100 && value <= 150;
    expect([value, status === 200]).toEqual([value, !fails]);
    if (fails) continue;
    const ids = messages.flatMap((message) => ('key' in message ? [Number(message.value['id'])] : []));
    // 10 / m is a whole number: what is more than ten away gives none.
    const expected = Array.from({ length: 50 }, (_, n) => n + 1).filter(
      (id) => Math.trunc(10 / (id + 100 - value)) > 0,
    );
    expect(ids.sort((a, b) => a - b)).toEqual(expected);
  }
});

it('shapes that are read together each go on from their snapshot while rows change', async () => {
  const { database, server } = await start();
  // A condition that fails on no row: n is never below zero.
  const readers = Array.from(
    { length: 40 },
    (_, i) => new StrictShapeReader(server.url, PATH, { value: String(-i - 1) }),
  );
  let done = false;
  const writing = (async () => {
    for (let round = 0; !done; round += 1) {
      await database.pool.query('UPDATE shares SET n = $1 WHERE id % 7 = $2', [round % 30, round % 7]);
    }
  })();
  await Promise.all(readers.map((reader) => reader.catchUp()));
  done = true;
  await writing;
  await server.readPath.caughtUp();
  for (const [i, reader] of readers.entries()) {
    await reader.catchUp();
    const { rows } = await database.pool.query<{ id: string }>(
      'SELECT id::text FROM shares WHERE 10 / nullif(n + $1, 0) > 0 ORDER BY id',
      [i + 1],
    );
    expect([...reader.rows.values()].map((row) => row['id']).sort()).toEqual(rows.map(({ id }) => id).sort());
  }
});

it('says of a table that somebody holds for himself that it is locked, and serves the others', async () => {
  const { database, server } = await start();
  const holder = await database.pool.connect();
  onTestFinished(() => holder.release());
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE shares IN ACCESS EXCLUSIVE MODE');
  const many = Array.from({ length: 8 }, (_, i) =>
    requestShape(server.url, PATH, { offset: '-1', value: String(i) }),
  );
  for (const { status, headers } of await Promise.all(many)) {
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  }
  await holder.query('ROLLBACK');
  expect((await requestShape(server.url, PATH, { offset: '-1', value: '0' })).status).toBe(200);
});
