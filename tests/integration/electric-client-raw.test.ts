import { Shape } from '@electric-sql/client';
import type { Offset, ShapeStreamInterface } from '@electric-sql/client';
import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { followRaw } from '../support/raw-follower.ts';
import { startRawUpstream, UPSTREAM_SECRET } from '../support/upstream.ts';

// What Electric's own client expects of a server, asked of ours: the list is that of the library's own tests.

const WAYS = [
  ['long polls', false],
  ['a stream of events', true],
] as const;

async function start(sql = '') {
  const database = await useTestDatabase();
  await database.pool.query(
    `CREATE TABLE tasks (id int PRIMARY KEY, title text, rank int DEFAULT 10); ${sql}`,
  );
  const server = await startRawUpstream(database, { deletes: true });
  return { database, pool: database.pool, server, url: server.url };
}

const THREE = `INSERT INTO tasks VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', 3)`;
const titlesOf = ({ rows }: { rows: ReadonlyMap<string, Record<string, unknown>> }) =>
  [...rows.values()].map(({ title }) => title).toSorted();

async function ask(url: string, query: Record<string, string>, headers: Record<string, string> = {}) {
  const search = new URLSearchParams({ table: 'tasks', secret: UPSTREAM_SECRET, ...query }).toString();
  const answer = await fetch(`${url}/v1/shape?${search}`, { headers });
  const text = await answer.text();
  const position = {
    offset: answer.headers.get('electric-offset')!,
    handle: answer.headers.get('electric-handle')!,
  };
  return { answer, position, messages: text === '' ? [] : (JSON.parse(text) as object[]) };
}

describe.each(WAYS)('Electric’s own client, by %s', (_, liveSse) => {
  it('finds an empty table up to date, and waits there instead of asking again', async () => {
    const { pool, url, server } = await start();
    const follower = followRaw(url, { table: 'tasks' }, { liveSse });
    await eventually(() => expect(server.engine.status().waiting).toBe(1));
    const asked = follower.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(follower.asked.length).toBe(asked);
    expect([follower.count('up-to-date'), follower.changes]).toEqual([1, []]);
    await pool.query(`INSERT INTO tasks VALUES (1, 'one')`);
    await eventually(() => expect(titlesOf(follower)).toEqual(['one']));
    await eventually(() => expect(server.engine.status().waiting).toBe(1));
    const first = follower.asked[0]!.query;
    expect([first.get('offset'), first.has('live')]).toEqual(['-1', false]);
    const waits = follower.asked.filter(({ query }) => query.get('live') === 'true');
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.every(({ query }) => query.get('offset') !== '-1' && query.has('handle'))).toBe(true);
    expect(waits.some(({ type }) => type === 'text/event-stream')).toBe(liveSse);
  });

  it('gets the key and what has changed of an update, and all of it with replica=full', async () => {
    const { pool, url } = await start(THREE);
    const short = followRaw(url, { table: 'tasks' }, { liveSse });
    const full = followRaw(url, { table: 'tasks', replica: 'full' }, { liveSse });
    await eventually(() => expect([short.rows.size, full.rows.size]).toEqual([3, 3]));
    await pool.query(`UPDATE tasks SET title = 'ONE' WHERE id = 1`);
    await pool.query('DELETE FROM tasks WHERE id = 2');
    await eventually(() => expect([short.changes.length, full.changes.length]).toEqual([5, 5]));
    const ends = [short, full].map(({ changes }) => changes.slice(-2));
    expect(ends[0]).toMatchObject([
      { headers: { operation: 'update' } },
      { headers: { operation: 'delete' } },
    ]);
    expect(ends[0]!.map(({ value }) => value)).toEqual([{ id: 1, title: 'ONE' }, { id: 2 }]);
    expect(ends[1]!.map(({ value }) => value)).toEqual([
      { id: 1, title: 'ONE', rank: 1 },
      { id: 2, title: 'two', rank: 2 },
    ]);
    expect(ends[1]![0]!.old_value).toEqual({ title: 'one' });
  });

  it('parses every type alike from the snapshot and from the log', async () => {
    const { pool, url } = await start(`
      CREATE TYPE mood AS ENUM ('sad', 'happy');
      CREATE TABLE kinds (id int PRIMARY KEY, i8 int8, f8 float8, b bool, j jsonb, i4s int4[], i8s int8[][], bs bool[],
                          ms mood[], ts text[], js jsonb[], fs float8[])`);
    const insert = (id: number) =>
      pool.query(`INSERT INTO kinds VALUES (${id}, 9223372036854775807, 4.5, true, '{"a":[1]}', '{1,NULL}',
        '{{1,2},{3,4}}', '{t,f}', '{sad,happy}', '{"a,b","NULL",NULL}', array['{"c":2}'::jsonb], '{Infinity,NaN}')`);
    await insert(1);
    const follower = followRaw(url, { table: 'kinds' }, { liveSse });
    await eventually(() => expect(follower.rows.size).toBe(1));
    await insert(2);
    await eventually(() => expect(follower.rows.size).toBe(2));
    const [first, second] = [...follower.rows.values()];
    expect(first).toEqual({
      id: 1,
      i8: 9223372036854775807n,
      f8: 4.5,
      b: true,
      j: { a: [1] },
      i4s: [1, null],
      i8s: [
        [1n, 2n],
        [3n, 4n],
      ],
      bs: [true, false],
      ms: ['sad', 'happy'],
      ts: ['a,b', 'NULL', null],
      js: [{ c: 2 }],
      fs: [Infinity, NaN],
    });
    expect(second).toEqual({ ...first, id: 2 });
  });

  it('follows a condition and a choice of columns, and hears of nothing else', async () => {
    const { pool, url } = await start(THREE);
    const params = { table: 'tasks', where: `title LIKE $1`, 'params[1]': 't%', columns: ['id', 'title'] };
    const follower = followRaw(url, params, { liveSse });
    await eventually(() => expect(titlesOf(follower)).toEqual(['three', 'two']));
    await pool.query(`UPDATE tasks SET rank = rank + 1`);
    await pool.query(`UPDATE tasks SET title = 'ten' WHERE id = 1`);
    await pool.query(`UPDATE tasks SET title = 'gone' WHERE id = 2`);
    await eventually(() => expect(titlesOf(follower)).toEqual(['ten', 'three']));
    expect(follower.changes.slice(2).map(({ value, headers }) => [headers.operation, value])).toEqual([
      ['insert', { id: 1, title: 'ten' }],
      ['delete', { id: 2 }],
    ]);
  });

  it('is told of a large transaction as a whole, and of nothing before it commits', async () => {
    const { pool, url } = await start(THREE);
    const followers = [1, 2, 3].map(() => followRaw(url, { table: 'tasks' }, { liveSse }));
    await eventually(() => expect(followers.map(({ rows }) => rows.size)).toEqual([3, 3, 3]));
    const open = await pool.connect();
    await open.query('BEGIN');
    await open.query(`INSERT INTO tasks SELECT i, repeat('x', 200) FROM generate_series(10, 5009) i`);
    await pool.query(`INSERT INTO tasks VALUES (4, 'meanwhile')`);
    await eventually(() => expect(followers.map(({ rows }) => rows.size)).toEqual([4, 4, 4]));
    await open.query('DELETE FROM tasks WHERE id = 1');
    await open.query('COMMIT');
    open.release();
    await eventually(() => expect(followers.map(({ rows }) => rows.size)).toEqual([5_003, 5_003, 5_003]));
    const [a, b, c] = followers.map(({ changes }) => changes.slice(4).map(({ key }) => key));
    expect([b, c]).toEqual([a, a]);
    const large = followers[0]!.changes.slice(4);
    expect(new Set(large.map(({ headers }) => headers['lsn'])).size).toBe(1);
    expect(large.filter(({ headers }) => headers['last'] === true)).toHaveLength(1);
  });

  it('goes on from an offset and a handle of an earlier stream with just what it has missed', async () => {
    const { pool, url } = await start(THREE);
    const before = followRaw(url, { table: 'tasks' }, { liveSse });
    await eventually(() => expect(before.count('up-to-date')).toBe(1));
    const { shapeHandle: handle, lastOffset: offset } = before.stream;
    before.stop();
    await pool.query(`INSERT INTO tasks SELECT i, 't' || i FROM generate_series(10, 18) i`);
    const after = followRaw(url, { table: 'tasks' }, { liveSse, offset, handle: handle! });
    await eventually(() => expect(after.changes).toHaveLength(9));
    expect(after.changes.map(({ headers }) => headers.operation)).toEqual(Array(9).fill('insert'));
    expect([after.count('must-refetch'), after.stream.shapeHandle]).toEqual([0, handle]);
  });

  it('fetches a deleted shape again under another handle, and goes on', async () => {
    const { pool, url } = await start(THREE);
    const follower = followRaw(url, { table: 'tasks' }, { liveSse });
    const shape = new Shape(follower.stream as ShapeStreamInterface);
    await eventually(() => expect(follower.rows.size).toBe(3));
    const handle = follower.stream.shapeHandle!;
    const search = new URLSearchParams({ handle, secret: UPSTREAM_SECRET }).toString();
    expect((await fetch(`${url}/v1/shape?${search}`, { method: 'DELETE' })).status).toBe(202);
    await pool.query(`INSERT INTO tasks VALUES (4, 'four')`);
    const all = ['four', 'one', 'three', 'two'];
    await eventually(() => {
      expect(titlesOf(follower)).toEqual(all);
      expect(shape.currentRows.map(({ title }) => title).toSorted()).toEqual(all);
    });
    expect(follower.count('must-refetch')).toBe(1);
    expect(follower.stream.shapeHandle).not.toBe(handle);
    expect(follower.errors()).toEqual([]);
    // A client that was refused a handle in this process says so, and is not given it again.
    const other = followRaw(url, { table: 'tasks' }, { liveSse });
    await eventually(() => expect(titlesOf(other)).toEqual(all));
    expect(other.stream.shapeHandle).not.toBe(handle);
  });

  it('ends with the server’s words when what it asks for makes no sense', async () => {
    const { url } = await start();
    const follower = followRaw(url, { table: 'tasks', where: '1 x 1' }, { liveSse });
    await eventually(() => expect(follower.errors()).toHaveLength(1));
    const [error] = follower.errors();
    expect([error!.status, follower.stream.isConnected()]).toEqual([400, false]);
    expect(error!.json).toMatchObject({ message: 'Invalid request', errors: { where: [{}] } });
    expect(JSON.stringify(error!.json)).toContain('syntax error at or near');
  });

  it('notices that the server is away and that it is back, and refreshes when it is told to', async () => {
    const { database, pool, server, url } = await start(THREE);
    const follower = followRaw(url, { table: 'tasks' }, { liveSse });
    await eventually(() => expect(follower.stream.isConnected()).toBe(true));
    await eventually(() => expect(server.engine.status().waiting).toBe(1));
    await pool.query(`INSERT INTO tasks VALUES (4, 'four')`);
    await follower.stream.forceDisconnectAndRefresh();
    await eventually(() => expect(follower.rows.size).toBe(4));
    const { slotName, dir } = server.readPath;
    await server.stop();
    await eventually(() => expect(follower.stream.isConnected()).toBe(false));
    await pool.query(`INSERT INTO tasks VALUES (5, 'five')`);
    await startRawUpstream(database, { slotName, dir, port: Number(new URL(url).port) });
    await eventually(() => expect(follower.rows.size).toBe(5));
    expect([follower.stream.isConnected(), follower.count('must-refetch')]).toEqual([true, 0]);
    expect(follower.changes).toHaveLength(5);
  });

  it.each(['GET', 'POST'] as const)(
    'loads parts of a shape by %s beside its changes',
    async (subsetMethod) => {
      const { pool, url } = await start(THREE);
      const options = { liveSse, subsetMethod, log: 'changes_only' as const, offset: 'now' as Offset };
      const follower = followRaw(url, { table: 'tasks' }, options);
      await eventually(() => expect(follower.count('up-to-date')).toBeGreaterThan(0));
      expect(follower.changes).toEqual([]);
      await follower.stream.requestSnapshot({
        where: 'rank >= $1',
        params: { '1': '2' },
        orderBy: 'rank',
        limit: 5,
      });
      await eventually(() => expect(titlesOf(follower)).toEqual(['three', 'two']));
      await pool.query(`UPDATE tasks SET title = title || '!' WHERE id IN (2, 3)`);
      await eventually(() => expect(titlesOf(follower)).toEqual(['three!', 'two!']));
      const { data } = await follower.stream.fetchSnapshot({ where: 'id = 1' });
      expect(data.map(({ value }) => value)).toEqual([{ id: 1, title: 'one', rank: 1 }]);
      expect(titlesOf(follower)).toEqual(['three!', 'two!']);
    },
  );
});

it('a cache that still has a deleted shape’s rows does not keep Electric’s client in circles', async () => {
  const { pool, url, server } = await start(THREE);
  // As a shared cache does: a public answer to a GET is given again for the same URL.
  const kept = new Map<string, { readonly body: string; readonly headers: Headers }>();
  let hits = 0;
  const throughCache: typeof fetch = async (input, init) => {
    const key = input instanceof Request ? input.url : input.toString();
    const known = kept.get(key);
    if (known !== undefined) {
      hits += 1;
      return new Response(known.body, { status: 200, headers: known.headers });
    }
    const answer = await fetch(input, init);
    const isPublic = answer.headers.get('cache-control')?.startsWith('public') === true;
    if (answer.status !== 200 || !isPublic) return answer;
    const body = await answer.text();
    kept.set(key, { body, headers: answer.headers });
    return new Response(body, { status: 200, headers: answer.headers });
  };
  const first = followRaw(url, { table: 'tasks' }, { fetchClient: throughCache });
  // A request that is under way when the stream is stopped would hear of the deletion, and the client remembers for all.
  await eventually(() => expect(server.engine.status().waiting).toBe(1));
  expect(first.rows.size).toBe(3);
  const handle = first.stream.shapeHandle!;
  first.stop();
  const search = new URLSearchParams({ handle, secret: UPSTREAM_SECRET }).toString();
  await fetch(`${url}/v1/shape?${search}`, { method: 'DELETE' });
  await pool.query(`INSERT INTO tasks VALUES (4, 'four')`);
  const second = followRaw(url, { table: 'tasks' }, { fetchClient: throughCache });
  await eventually(() => expect(second.rows.size).toBe(4));
  const asked = [first, second].map((follower) => follower.asked.map(({ query }) => query.toString()));
  expect(first.count('must-refetch'), JSON.stringify(asked)).toBe(0);
  expect(hits, JSON.stringify(asked)).toBeGreaterThan(0);
  expect(second.stream.shapeHandle).not.toBe(handle);
  expect(second.errors()).toEqual([]);
});

it('answers are made to be cached: how long, under which tag, and unchanged for who has them', async () => {
  const { pool, url, server } = await start();
  const first = await ask(url, { offset: '-1' });
  expect(first.answer.headers.get('cache-control')).toBe(
    'public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746',
  );
  await pool.query(`INSERT INTO tasks SELECT i, 't' || i FROM generate_series(1, 5) i`);
  await server.readPath.caughtUp();
  // The beginning stays what it was: what came since is read behind it.
  const again = await ask(url, { offset: '-1' });
  const etag = (asked: { answer: Response }) => asked.answer.headers.get('etag');
  expect(etag(again)).toBe(etag(first));
  const log = await ask(url, again.position);
  expect(log.messages).toHaveLength(6);
  expect(etag(log)).not.toBe(etag(first));
  expect(log.answer.headers.get('cache-control')).toBe('public, max-age=60, stale-while-revalidate=300');
  const known = await ask(url, again.position, { 'if-none-match': etag(log)! });
  expect([known.answer.status, known.messages]).toEqual([304, []]);

  // A place between two transactions is one to read from, too.
  const [lsn, op] = log.position.offset.split('_') as [string, string];
  const between = { handle: log.position.handle, offset: `${BigInt(lsn) - 1n}_${op}` };
  const rest = await ask(url, between);
  expect(rest.messages).toHaveLength(6);
  expect((await ask(url, between, { 'if-none-match': etag(rest)! })).answer.status).toBe(304);

  const waiting = ask(url, { ...log.position, live: 'true' });
  await eventually(() => expect(server.engine.status().waiting).toBe(1));
  await pool.query(`INSERT INTO tasks VALUES (6, 'six')`);
  const live = await waiting;
  expect(live.answer.headers.get('cache-control')).toBe('public, max-age=5, stale-while-revalidate=5');
  const unknown = await ask(url, { offset: live.position.offset, handle: 'unknown' });
  expect([unknown.answer.status, unknown.answer.headers.get('cache-control')]).toEqual([
    409,
    'public, max-age=60, must-revalidate',
  ]);
  expect((await ask(url, { offset: 'nonsense' })).answer.headers.get('cache-control')).toBe('no-store');
});

it('closes chunks at some ten megabytes, in the snapshot and in the log', async () => {
  const fill = (from: number) =>
    `INSERT INTO tasks SELECT i, repeat(md5(i::text), 32) FROM generate_series(${from}, ${from + 20_000}) i`;
  const { pool, url } = await start(fill(1));
  const sizes: number[] = [];
  const counted: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const body = await answer.arrayBuffer();
    if (body.byteLength > 100_000) sizes.push(body.byteLength);
    return new Response(answer.status === 204 ? null : body, {
      status: answer.status,
      headers: answer.headers,
    });
  };
  const follower = followRaw(url, { table: 'tasks' }, { fetchClient: counted });
  const expectChunks = async (rows: number) => {
    await eventually(() => expect(follower.rows.size).toBe(rows), { withinMs: 60_000 });
    const closed = sizes.splice(0);
    expect(closed.length).toBeGreaterThan(2);
    const last = closed.pop()!;
    for (const size of closed) expect(Math.abs(size - 10 * 1024 * 1024)).toBeLessThan(1024 * 1024);
    expect(last).toBeLessThan(11 * 1024 * 1024);
  };
  await expectChunks(20_001);
  await pool.query(fill(100_000));
  await expectChunks(40_002);
});
