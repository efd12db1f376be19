import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ChangeLog } from '../../server/change-log/change-log.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { requestShape, StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServer, ShapeServerOptions } from '../support/shape-server.ts';

const PATH = '/v1/shapes/things';
/** More than one answer's worth of the log. */
const LARGE = `INSERT INTO things SELECT i, 'a', repeat('x', 200) FROM generate_series(1000, 41000) i`;

const definition: ShapeDefinition = {
  name: 'things',
  table: 'things',
  columns: [column('id', 'int4'), column('grp', 'text', 'null'), column('note', 'text', 'null')],
  key: ['id'],
  where: `grp = 'a'`,
  values: [],
  params: {},
  readers: ROLES,
  personal: false,
};

async function thingsDatabase(): Promise<TestDatabase> {
  const database = await useTestDatabase();
  await database.pool.query(`
    CREATE TABLE things (id int PRIMARY KEY, grp text, note text);
    ALTER TABLE things REPLICA IDENTITY FULL;
    ALTER PUBLICATION halo ADD TABLE things;
    INSERT INTO things SELECT i, chr(97 + i % 2), 'row ' || i FROM generate_series(1, 10) i`);
  return database;
}

async function startThings(database: TestDatabase, options: ShapeServerOptions = {}): Promise<ShapeServer> {
  const server = await startShapeServer(database, {
    catalog: new Map([['things', definition]]),
    ...options,
  });
  onTestFinished(() => server.stop());
  return server;
}

async function expectTruth(database: TestDatabase, shape: StrictShapeReader): Promise<void> {
  const { rows } = await database.pool.query(
    `SELECT id::text, grp, note FROM things WHERE grp = 'a' ORDER BY things.id`,
  );
  expect([...shape.rows.values()].toSorted((a, b) => Number(a['id']) - Number(b['id']))).toEqual(rows);
}

/** Stops whoever is the first to read a part of a transaction, until he is let go on. */
class Hold {
  #armed = false;
  #goOn: () => void = () => {};
  holds = false;

  readonly readLog: NonNullable<ShapeServerOptions['readLog']> = (log, after) => this.#read(log.read(after));

  /** The dispatcher is the first to read what is committed next. */
  arm(): void {
    this.#armed = true;
  }

  release(): void {
    this.#goOn();
  }

  async *#read(chunks: ReturnType<ChangeLog['read']>) {
    for await (const chunk of chunks) {
      yield chunk;
      if (!this.#armed || chunk.last) continue;
      this.#armed = false;
      this.holds = true;
      await new Promise<void>((resolve) => (this.#goOn = resolve));
    }
  }
}

/** A reader from before a restart, and an instance whose dispatcher stands within `transaction`. */
async function withinTransaction(database: TestDatabase, transaction: string) {
  const first = await startThings(database);
  const shape = new StrictShapeReader(first.url, PATH);
  await shape.catchUp();
  const { dir, slotName } = first.readPath;
  await first.stop();
  await database.pool.query(`UPDATE things SET note = 'while nobody looked' WHERE id = 2`);
  const hold = new Hold();
  const second = await startThings(database, { dir, slotName, readLog: hold.readLog });
  onTestFinished(() => hold.release());
  await new StrictShapeReader(second.url, PATH).catchUp();
  hold.arm();
  await database.pool.query(transaction);
  await second.readPath.caughtUp();
  await eventually(() => hold.holds);
  shape.url = second.url;
  return { shape, hold, server: second };
}

async function dispatched({ engine, readPath }: ShapeServer): Promise<void> {
  await readPath.caughtUp();
  await eventually(() => engine.status().position === readPath.log.position());
}

describe('what happens to a table while it is followed', () => {
  it('invariant 6: a reader within a transaction that is still being dispatched gets the rest of it', async () => {
    const database = await thingsDatabase();
    const { shape, hold, server } = await withinTransaction(database, LARGE);
    expect(await shape.step(), 'cut within the transaction').toBe(false);
    expect(shape.behindBytes()).toBeGreaterThan(0);
    await shape.catchUp();
    await expectTruth(database, shape);
    hold.release();
    await database.pool.query(`DELETE FROM things WHERE id % 7 = 0`);
    await dispatched(server);
    await shape.catchUp();
    await expectTruth(database, shape);
    expect(shape.refetches).toBe(0);
  });

  it('invariant 5: a truncation ends the shape for a reader within the same transaction too', async () => {
    const database = await thingsDatabase();
    const { shape, hold, server } = await withinTransaction(
      database,
      `BEGIN; ${LARGE}; TRUNCATE things; INSERT INTO things VALUES (1, 'a', 'after'); COMMIT`,
    );
    expect(await shape.step(), 'cut within the transaction').toBe(false);
    hold.release();
    await dispatched(server);
    await shape.catchUp();
    expect(shape.refetches).toBe(1);
    await expectTruth(database, shape);
  });

  it('invariant 5: a table that no longer tells its old rows ends the shape, and comes back when it does', async () => {
    const database = await thingsDatabase();
    const server = await startThings(database);
    const shape = new StrictShapeReader(server.url, PATH);
    await shape.catchUp();
    await database.pool.query(`ALTER TABLE things REPLICA IDENTITY DEFAULT`);
    // Out of the filter: with the key alone nobody could tell for whom.
    await database.pool.query(`UPDATE things SET grp = 'b' WHERE id = 2`);
    await server.readPath.caughtUp();
    // The operator's to mend: neither old positions nor new snapshots are served meanwhile.
    const position = { offset: shape.offset, handle: shape.handle! };
    for (const query of [position, { offset: '-1' }]) {
      expect(await requestShape(server.url, PATH, query)).toMatchObject({ status: 500, messages: [] });
    }
    await database.pool.query(`ALTER TABLE things REPLICA IDENTITY FULL`);
    await shape.catchUp();
    expect(shape.refetches).toBe(1);
    await expectTruth(database, shape);
    await database.pool.query(`UPDATE things SET grp = 'b' WHERE id = 4`);
    await server.readPath.caughtUp();
    await shape.catchUp();
    await expectTruth(database, shape);
  });

  it('invariant 5: a truncation that the dispatcher could not read ends the shape for everyone once', async () => {
    const database = await thingsDatabase();
    let fails = false;
    const readLog: NonNullable<ShapeServerOptions['readLog']> = (log, after) => {
      if (!fails) return log.read(after);
      fails = false;
      throw new Error('too many open files');
    };
    const server = await startThings(database, { readLog });
    const shapes = [1, 2].map(() => new StrictShapeReader(server.url, PATH));
    for (const shape of shapes) await shape.catchUp();
    fails = true;
    await database.pool.query(`TRUNCATE things; INSERT INTO things VALUES (1, 'a', 'after')`);
    await dispatched(server);
    expect(fails).toBe(false);
    for (const shape of shapes) await shape.catchUp();
    for (const shape of shapes) await expectTruth(database, shape);
    expect(shapes.map(({ refetches }) => refetches)).toEqual([1, 1]);
  });
});
