import { expect, it } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startRawUpstream, UPSTREAM_SECRET } from '../support/upstream.ts';
import type { RawUpstream } from '../support/upstream.ts';

const BIG = { table: 'notes', where: 'n >= 10', secret: UPSTREAM_SECRET };
const SMALL = { ...BIG, where: 'n < 10' };

async function start(deletes = true) {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE notes (id int PRIMARY KEY, n int);
    INSERT INTO notes SELECT i, i * 5 FROM generate_series(1, 6) i`);
  const server = await startRawUpstream(database, { deletes });
  return { database, pool: database.pool, server };
}

const readerOf = ({ url }: RawUpstream, query: Record<string, string>) =>
  new StrictShapeReader(url, '/v1/shape', query);

async function remove({ url }: RawUpstream, query: Record<string, string>) {
  const search = new URLSearchParams({ secret: UPSTREAM_SECRET, ...query }).toString();
  const answer = await fetch(`${url}/v1/shape?${search}`, { method: 'DELETE' });
  return { status: answer.status, text: await answer.text() };
}

/** Whether a position is honoured; a refused one is answered with another handle. */
async function honours({ url }: RawUpstream, reader: StrictShapeReader): Promise<boolean> {
  const query = { ...reader.query, offset: reader.offset, handle: reader.handle! };
  const answer = await fetch(`${url}/v1/shape?${new URLSearchParams(query).toString()}`);
  await answer.text();
  if (answer.status === 409) expect(answer.headers.get('electric-handle')).not.toBe(reader.handle);
  return answer.status === 200;
}

it('invariant 5: a deleted shape’s readers fetch it again, on every instance and after a restart; those of others do not', async () => {
  const { database, pool, server } = await start();
  const other = await startRawUpstream(database);
  const [big, idle, small] = [readerOf(server, BIG), readerOf(server, BIG), readerOf(server, SMALL)];
  for (const reader of [big, idle, small]) await reader.catchUp();
  await pool.query('INSERT INTO notes VALUES (7, 70)');
  await server.readPath.caughtUp();
  await big.catchUp();
  const [bigHandle, idleOffset] = [big.handle!, idle.offset];
  expect([big.rows.size, idleOffset]).toEqual([6, '0_inf']);
  const waiting = big.step(true);
  await eventually(() => expect(server.engine.status().waiting).toBe(1));

  expect(await remove(server, { handle: bigHandle })).toEqual({ status: 202, text: '' });
  expect(await waiting).toBe(false);
  expect(big.refetches).toBe(1);
  await big.catchUp();
  expect([big.rows.size, big.handle === bigHandle]).toEqual([6, false]);

  await other.readPath.caughtUp();
  const { slotName, dir } = server.readPath;
  const port = Number(new URL(server.url).port);
  await eventually(async () => expect(await honours(server, idle)).toBe(false));
  await server.stop();
  const again = await startRawUpstream(database, { slotName, dir, port });
  for (const instance of [other, again]) {
    expect(await honours(instance, idle)).toBe(false);
    expect([await honours(instance, big), await honours(instance, small)]).toEqual([true, true]);
  }
  const fresh = readerOf(again, BIG);
  await fresh.catchUp();
  expect(fresh.handle).not.toBe(bigHandle);
  await pool.query('UPDATE notes SET n = n + 1');
  await eventually(async () => {
    for (const reader of [big, fresh]) {
      await reader.catchUp();
      expect([...reader.rows.values()].map(({ n }) => n)).toContain('71');
    }
  });
  expect(big.refetches).toBe(1);
  expect((await pool.query('SELECT FROM deleted_shapes')).rowCount).toBe(0);
});

it('a shape is deleted by its definition too, and only where that fits the handle', async () => {
  const { server } = await start();
  const [big, small] = [readerOf(server, BIG), readerOf(server, SMALL)];
  for (const reader of [big, small]) await reader.catchUp();
  expect((await remove(server, { ...BIG, handle: small.handle! })).status).toBe(400);
  expect((await remove(server, { table: 'nothing' })).status).toBe(400);
  expect((await remove(server, { handle: 'none-of-ours' })).status).toBe(404);
  expect((await remove(server, {})).status).toBe(400);
  expect([await honours(server, big), await honours(server, small)]).toEqual([true, true]);
  expect((await remove(server, { ...BIG, handle: big.handle! })).status).toBe(202);
  await eventually(async () => expect(await honours(server, big)).toBe(false));
  expect((await remove(server, SMALL)).status).toBe(202);
  await eventually(async () => expect(await honours(server, small)).toBe(false));
});

it('deletes nothing where that is not allowed', async () => {
  const { server } = await start(false);
  const big = readerOf(server, BIG);
  await big.catchUp();
  expect((await remove(server, { handle: big.handle! })).status).toBe(405);
  expect(await honours(server, big)).toBe(true);
});
