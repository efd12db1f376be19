import { expect, it, onTestFinished } from 'vitest';
import type { Pool, Transaction } from '../../server/db/pool.ts';
import { createDice } from '../oracle/random.ts';
import type { Dice } from '../oracle/random.ts';
import { useTestDatabase } from '../support/database.ts';
import { followStream } from '../support/electric-follower.ts';
import { eventually } from '../support/eventually.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { TagReader } from '../support/tag-reader.ts';

const SECRET = 'a secret of the tests';
const WRITERS = 3;
const ROUNDS = 6;
const TRANSACTIONS_A_ROUND = 25;

/** Docs belong to people, and people to teams; all of it changes. */
const SHAPES = [
  'owner IN (SELECT id FROM people WHERE active)',
  'owner NOT IN (SELECT id FROM people WHERE active)',
  'team NOT IN (SELECT team FROM people WHERE active)',
  `owner IN (SELECT id FROM people WHERE active) AND kind = 'a'`,
  `owner IN (SELECT id FROM people WHERE active) OR kind = 'b'`,
  `owner IN (SELECT id FROM people WHERE active) OR team IN (SELECT id FROM teams WHERE open)`,
  `owner IN (SELECT id FROM people WHERE active) AND team NOT IN (SELECT id FROM teams WHERE open)`,
  `NOT (owner IN (SELECT id FROM people WHERE active) AND (kind = 'a' OR team IN (SELECT id FROM teams)))`,
  'owner IN (SELECT id FROM people WHERE active AND team IN (SELECT id FROM teams WHERE open))',
  'owner NOT IN (SELECT id FROM people WHERE team IN (SELECT id FROM teams WHERE open))',
  'owner IN (SELECT id FROM people WHERE team NOT IN (SELECT id FROM teams WHERE open) OR NOT active)',
  '(owner, team) IN (SELECT id, team FROM people WHERE active)',
  'team IN (SELECT team FROM people p WHERE p.active)',
  'size IN (SELECT id FROM people WHERE active)',
  'id IN (SELECT owner FROM docs WHERE kind IN (SELECT mark FROM teams WHERE open))',
  'kind IN (SELECT mark FROM teams WHERE open)',
];

type Row = Record<string, string | null>;

const DEFAULT = { replica: 'default' };
/** Snapshots and log write booleans differently, which an old value would show. */
const FULL = { replica: 'full', columns: 'id,kind,size' };

async function start() {
  const { url: databaseUrl, pool } = await useTestDatabase();
  await pool.query(`
    CREATE TABLE teams (id int PRIMARY KEY, open bool, mark varchar(4));
    CREATE TABLE people (id int PRIMARY KEY, active bool, team int);
    CREATE TABLE docs (id int PRIMARY KEY, owner int, team bigint, size numeric(8, 2), kind text, done bool);
    INSERT INTO teams SELECT i, i % 2 = 0, chr(96 + i) FROM generate_series(1, 4) i;
    INSERT INTO people SELECT i, i % 2 = 0, nullif(i % 4, 0) FROM generate_series(1, 8) i;
    INSERT INTO docs SELECT i, nullif(i % 9, 0), nullif(i % 5, 0), i % 8, chr(96 + i % 3 + 1), i % 2 = 0
      FROM generate_series(1, 40) i`);
  const server = await startServerProcess(databaseUrl, { env: { HALO_SHAPE_SECRET: SECRET } });
  onTestFinished(() => stopServerProcess(server));
  return { pool, url: server.url };
}

it('invariant 5: whatever happens to its tables, a shape with subqueries has the rows of its query', async () => {
  const seed = Number(process.env['HALO_TEST_SEED'] ?? Date.now() % 2 ** 31);
  process.stderr.write(`subqueries: HALO_TEST_SEED=${seed}\n`);
  const { pool, url } = await start();
  const followed = SHAPES.map((where, i) => ({
    where,
    first: openReader(url, where, i),
    client: followStream({
      url: `${url}/v1/shape`,
      params: { table: 'docs', where, secret: SECRET },
      liveSse: i % 2 === 1,
    }),
    handle: null as string | null,
  }));
  for (let round = 0; round < ROUNDS; round += 1) {
    let over = false;
    const late = followed.map(({ where, handle }, i) => openReader(url, where, i, handle));
    const reading = followed.map(async ({ first }, i) => {
      // Who begins while all is written to, with a snapshot of his own.
      await late[i]!.reader.step();
      expect(late[i]!.reader.handle).not.toBe(followed[i]!.handle);
      while (!over) await first.reader.step();
    });
    const writing = Array.from({ length: WRITERS }, (_, i) =>
      write(pool, createDice(seed + round * WRITERS + i)),
    );
    const written = Promise.all(writing).finally(() => (over = true));
    await Promise.all([written, ...reading]);
    for (const [i, shape] of followed.entries()) {
      const { where, first, client } = shape;
      shape.handle = late[i]!.reader.handle;
      const truth = await rowsOf(pool, where);
      for (const each of [first, late[i]!]) await expectRows(each, truth, i);
      await eventually(() => {
        const ids = truth.map(({ id }) => Number(id)).toSorted();
        const { faults, handles } = client;
        const known = { values: client.values('id'), kept: client.kept('id'), faults, handles: handles.size };
        expect(known, where).toEqual({ values: ids, kept: ids, faults: [], handles: 1 });
      });
      await expectSameReasons(late[i]!, first, where);
    }
  }
  for (const { where, first, client } of followed) {
    expect([first.reader.refetches, client.handles.size, client.faults], where).toEqual([0, 1, []]);
  }
}, 180_000);

type Reader = ReturnType<typeof openReader>;

async function expectRows({ reader, tags }: Reader, truth: readonly Row[], shape: number) {
  const expected = shape % 2 === 0 ? truth : truth.map(({ id, kind, size }) => ({ id, kind, size }));
  await eventually(async () => {
    await reader.catchUp();
    const rows = [...reader.rows.values()].toSorted((a, b) => Number(a['id']) - Number(b['id']));
    expect(rows.map(inWords), SHAPES[shape]).toEqual(expected);
  });
  expect(tags.faults, SHAPES[shape]).toEqual([]);
}

/**
 * Who began late is told the same reasons as who has followed the shape all the time. A change of a reason need not
 * change the rows, so that rows that are right do not say that the last of them has been read.
 */
async function expectSameReasons(late: Reader, first: Reader, where: string) {
  await eventually(async () => {
    await Promise.all([late.reader.catchUp(), first.reader.catchUp()]);
    expect(Object.fromEntries(late.tags.reasons), where).toEqual(Object.fromEntries(first.tags.reasons));
  });
}

/** @param refused a handle whose snapshot the reader is not to be given. */
function openReader(url: string, where: string, shape: number, refused: string | null = null) {
  const mode = shape % 2 === 0 ? DEFAULT : FULL;
  const more = refused === null ? {} : { expired_handle: refused };
  const query = { table: 'docs', where, secret: SECRET, ...mode, ...more };
  const reader = new StrictShapeReader(url, '/v1/shape', query);
  const tags = new TagReader();
  reader.onMessage = (message) => tags.take(message);
  return { reader, tags };
}

/** Snapshots say booleans in words. */
function inWords(row: Row) {
  const { done } = row;
  return done === undefined ? row : { ...row, done: done === 't' ? 'true' : done === 'f' ? 'false' : done };
}

async function rowsOf(pool: Pool, where: string): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    `SELECT id::text, owner::text, team::text, size::text, kind, done::text FROM docs d WHERE ${where} ORDER BY d.id`,
  );
  return rows;
}

async function write(pool: Pool, dice: Dice): Promise<void> {
  const client = await pool.connect();
  try {
    for (let i = 0; i < TRANSACTIONS_A_ROUND; i += 1) await writeOnce(client, dice);
  } finally {
    client.release();
  }
}

/** Two writers that wait for each other are told so; what one of them wanted does not matter. */
async function writeOnce(client: Transaction, dice: Dice): Promise<void> {
  await client.query('BEGIN');
  try {
    const statements = 1 + dice.below(5);
    for (let i = 0; i < statements; i += 1) await client.query(statement(dice));
    // Others commit meanwhile.
    if (dice.chance(0.1)) await client.query('SELECT pg_sleep(0.1)');
    await client.query(dice.chance(0.9) ? 'COMMIT' : 'ROLLBACK');
  } catch {
    await client.query('ROLLBACK');
  }
}

function statement(dice: Dice): string {
  const user = () => String(1 + dice.below(9));
  const orNull = (text: string) => (dice.chance(0.15) ? 'NULL' : text);
  const bool = () => orNull(String(dice.chance(0.5)));
  const team = () => orNull(String(1 + dice.below(5)));
  const mark = () => orNull(`'${dice.pick(['a', 'b', 'c', 'd'])}'`);
  const doc = () => String(1 + dice.below(50));
  const docValues = () => [orNull(user()), team(), orNull(dice.pick(['1', '2.00', '3.50'])), mark(), bool()];
  return dice.pick([
    () => `UPDATE people SET active = ${bool()} WHERE id = ${user()}`,
    () => `UPDATE people SET team = ${team()} WHERE id = ${user()}`,
    () => `UPDATE people SET id = ${user()} WHERE id = ${user()}`,
    () => `DELETE FROM people WHERE id = ${user()}`,
    () => `INSERT INTO people VALUES (${user()}, ${bool()}, ${team()}) ON CONFLICT DO NOTHING`,
    () => `UPDATE teams SET open = ${bool()}, mark = ${mark()} WHERE id = ${String(1 + dice.below(5))}`,
    () => `DELETE FROM teams WHERE id = ${String(1 + dice.below(5))}`,
    () =>
      `INSERT INTO teams VALUES (${String(1 + dice.below(5))}, ${bool()}, ${mark()}) ON CONFLICT DO NOTHING`,
    () => `UPDATE docs SET owner = ${orNull(user())} WHERE id = ${doc()}`,
    () => `UPDATE docs SET team = ${team()}, kind = ${mark()} WHERE id = ${doc()}`,
    () => `UPDATE docs SET id = ${doc()} WHERE id = ${doc()}`,
    () => `UPDATE docs SET done = ${bool()} WHERE owner = ${user()}`,
    () => `DELETE FROM docs WHERE id = ${doc()}`,
    () => `INSERT INTO docs VALUES (${doc()}, ${docValues().join(', ')}) ON CONFLICT DO NOTHING`,
  ])();
}
