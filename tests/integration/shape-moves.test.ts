import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { isChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { requestShape, StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const WHERE = `status = 'open' AND area_id = 7`;
const COLUMNS = ['id', 'status', 'area_id', 'title', 'note'];

const CASES: ShapeDefinition = {
  name: 'cases',
  table: 'cases',
  columns: [
    column('id', 'int4'),
    column('status', 'text'),
    column('area_id', 'int4'),
    column('title', 'text', 'null'),
    column('note', 'text', 'null'),
  ],
  key: ['id'],
  where: WHERE,
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
};

interface Follower {
  readonly reader: StrictShapeReader;
  /** The messages after the place where it stood, before it takes them. */
  news(): Promise<{ operation: string; columns: string[]; last: boolean; key: string }[]>;
}

it.each(['default', 'full'])(
  'invariant 5 (O4): a row moves in as an insert of the whole row and out as a delete, replica mode %s',
  async (replica) => {
    const database = await useTestDatabase();
    const { pool } = database;
    await pool.query(`
      CREATE TABLE cases (id int PRIMARY KEY, status text NOT NULL, area_id int NOT NULL, title text, note text);
      ALTER TABLE cases REPLICA IDENTITY FULL;
      ALTER PUBLICATION halo ADD TABLE cases;
      INSERT INTO cases SELECT i, 'open', 7, 'case ' || i, NULL FROM generate_series(1, 3) i`);
    const server = await startShapeServer(database, { catalog: new Map([[CASES.name, CASES]]) });
    onTestFinished(() => server.stop());
    const follower = follow(server.url, replica);
    await follower.reader.catchUp();

    /** Commits, and tells what the follower is sent for it; the replica must then equal the query. */
    const commit = async (...statements: string[]) => {
      await pool.query(statements.join(';'));
      await server.readPath.caughtUp();
      const news = await follower.news();
      await follower.reader.catchUp();
      const { rows } = await pool.query(
        `SELECT id::text, status, area_id::text, title, note FROM cases WHERE ${WHERE} ORDER BY cases.id`,
      );
      const held = [...follower.reader.rows.values()].toSorted((a, b) => Number(a['id']) - Number(b['id']));
      expect(held).toEqual(rows);
      return news.map(({ operation, columns }) => [operation, ...columns]);
    };
    const update = (set: string, note: number) =>
      `UPDATE cases SET ${set}, note = 'n${note}' WHERE id = (SELECT max(id) FROM cases)`;
    const whole = ['insert', ...COLUMNS];
    const gone = expect.arrayContaining(['delete', 'id']) as unknown;

    for (let round = 0; round < 25; round += 1) {
      expect(await commit(update(`status = 'closed'`, round))).toEqual([gone]);
      // Outside of the filter, one column and the other: nothing.
      expect(await commit(update(`title = 't${round}'`, round))).toEqual([]);
      expect(await commit(update(`status = 'open'`, round))).toEqual([whole]);
      expect(await commit(update(`area_id = 8`, round))).toEqual([gone]);
      expect(await commit(update(`area_id = 7`, round))).toEqual([whole]);
    }
    // Both columns in one transaction: out and in again is what happened, and an update where it stays.
    const [out, back] = [
      update(`status = 'closed', area_id = 8`, 100),
      update(`status = 'open', area_id = 7`, 101),
    ];
    expect(await commit('BEGIN', out, back, 'COMMIT')).toEqual([gone, whole]);
    expect((await commit(update(`title = 'other'`, 102))).map(([operation]) => operation)).toEqual([
      'update',
    ]);

    // A key change is a delete and an insert in one transaction.
    await pool.query('UPDATE cases SET id = 1000 WHERE id = 3');
    await server.readPath.caughtUp();
    const [before, after, ...rest] = await follower.news();
    expect(rest).toEqual([]);
    expect([before!.operation, before!.key, before!.last]).toEqual(['delete', '"public"."cases"/"3"', false]);
    expect([after!.operation, after!.key, after!.last]).toEqual(['insert', '"public"."cases"/"1000"', true]);
    expect(after!.columns).toEqual(COLUMNS);
    await follower.reader.catchUp();
    // The key changes while the row moves out, and in.
    expect(await commit(`UPDATE cases SET id = 1001, status = 'closed' WHERE id = 1000`)).toEqual([gone]);
    expect(await commit(`UPDATE cases SET id = 1002, status = 'open' WHERE id = 1001`)).toEqual([whole]);
    expect(follower.reader.refetches).toBe(0);
  },
);

function follow(url: string, replica: string): Follower {
  const path = '/v1/shapes/cases';
  const reader = new StrictShapeReader(url, path, { replica });
  return {
    reader,
    async news() {
      const query = { replica, offset: reader.offset, handle: reader.handle! };
      const { messages } = await requestShape(url, path, query);
      return messages.filter(isChangeMessage).map(({ key, value, headers }) => ({
        operation: headers.operation,
        columns: Object.keys(value),
        last: headers.last === true,
        key,
      }));
    },
  };
}
