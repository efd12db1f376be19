import { describe, expect, it } from 'vitest';
import { parseLsn } from '../../server/replication/lsn.ts';
import { checkReplicationPrerequisites } from '../../server/replication/preflight.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { changesIn } from '../support/read-path.ts';
import { confirmedLsn, cutConnection, follow, thingsDatabase } from '../support/things-database.ts';

describe('replication', () => {
  it('invariant 3: stores whole transactions in commit order, and nothing that was rolled back', async () => {
    const database = await thingsDatabase();
    const { log, caughtUp } = await follow(database);
    const [a, b] = [await database.pool.connect(), await database.pool.connect()];
    await a.query(`BEGIN; INSERT INTO things VALUES (1, 'a')`);
    await b.query(`BEGIN; INSERT INTO things VALUES (2, 'b')`);
    await a.query(`INSERT INTO things VALUES (3, 'a')`);
    await b.query('COMMIT');
    await a.query('COMMIT');
    await a.query(`BEGIN; INSERT INTO things VALUES (4, 'lost'); ROLLBACK`);
    await b.query(`BEGIN; UPDATE things SET v = NULL WHERE id = 1; DELETE FROM things WHERE id = 2; COMMIT`);
    a.release();
    b.release();
    await caughtUp();
    expect(await changesIn(log)).toEqual([
      'insert things 2,b',
      'insert things 1,a',
      'insert things 3,a',
      'update things 1,NULL',
      'delete things 2,b',
    ]);
  });

  it('keeps the text of every value as Postgres writes it, unchanged TOAST values included', async () => {
    const database = await useTestDatabase();
    await database.pool.query(`
      CREATE TABLE texts (id int PRIMARY KEY, n numeric, f float8, t timestamptz, b boolean, c char(4), i interval,
                          j jsonb, a text[], y bytea, big text);
      ALTER TABLE texts REPLICA IDENTITY FULL;
      ALTER TABLE texts ALTER COLUMN big SET STORAGE EXTERNAL;
      CREATE PUBLICATION things FOR TABLE texts`);
    const { log, caughtUp } = await follow(database);
    await database.pool.query(`
      INSERT INTO texts VALUES (1, 'NaN', '-Infinity', 'infinity', true, 'x', '1 day 02:00', '{"å": 1e400}', '{a,NULL,"b c"}',
                                '\\xff', repeat('stor', 3000))`);
    await database.pool.query('UPDATE texts SET b = false');
    await caughtUp();
    const big = 'stor'.repeat(3_000);
    const [inserted, updated] = await changesIn(log);
    const { rows } = await database.pool.query<{ j: string }>('SELECT j::text AS j FROM texts');
    const rest = `x   ,P1DT2H,${rows[0]!.j},{a,NULL,"b c"},\\xff,${big}`;
    expect(inserted).toBe(`insert texts 1,NaN,-Infinity,infinity,t,${rest}`);
    expect(updated).toBe(`update texts 1,NaN,-Infinity,infinity,f,${rest}`);
  });

  it('invariant 3: goes on without loss or double when its connection is cut again and again', async () => {
    const database = await thingsDatabase();
    const { log, caughtUp, slotName } = await follow(database);
    const rows = 400;
    const writer = (async () => {
      for (let id = 0; id < rows; id += 1)
        await database.pool.query(`INSERT INTO things VALUES ($1, 'x')`, [id]);
    })();
    for (let cut = 0; cut < 5; cut += 1) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      await cutConnection(database, slotName);
    }
    await writer;
    await caughtUp();
    expect(await changesIn(log)).toEqual(Array.from({ length: rows }, (_, id) => `insert things ${id},x`));
  });

  it('invariant 3: confirms nothing that is not on disk, and goes on where it was after a restart', async () => {
    const database = await thingsDatabase();
    const first = await follow(database);
    for (let id = 0; id < 50; id += 1) {
      await database.pool.query(`INSERT INTO things VALUES ($1, 'x')`, [id]);
      const durable = first.log.durable();
      expect(await confirmedLsn(database, first.slotName)).toBeLessThanOrEqual(first.log.durable() + 1n);
      expect(first.log.durable()).toBeGreaterThanOrEqual(durable);
    }
    await first.stop();
    await database.pool.query(`INSERT INTO things SELECT g, 'y' FROM generate_series(50, 99) g`);
    const second = await follow(database, { dir: first.dir, slotName: first.slotName });
    await second.caughtUp();
    expect(second.replication.status().lastReset).toBeUndefined();
    expect(await changesIn(second.log)).toEqual(
      Array.from({ length: 100 }, (_, id) => `insert things ${id},${id < 50 ? 'x' : 'y'}`),
    );
  });

  it('scenario O6: lets go of the WAL while only unsynced tables are written', async () => {
    const database = await thingsDatabase();
    const { slotName, log } = await follow(database);
    await database.pool.query(
      `INSERT INTO unsynced SELECT g, repeat('x', 1000) FROM generate_series(1, 20000) g`,
    );
    const { rows } = await database.pool.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    const written = parseLsn(rows[0]!.lsn);
    await eventually(async () => (await confirmedLsn(database, slotName)) >= written - 1_000_000n, {
      withinMs: 60_000,
    });
    expect(await changesIn(log)).toEqual([]);
  });

  it('scenario O7: begins the log anew, loudly, when its slot is gone', async () => {
    const database = await thingsDatabase();
    const first = await follow(database);
    await database.pool.query(`INSERT INTO things VALUES (1, 'before')`);
    await first.caughtUp();
    await first.stop();
    await database.pool.query('SELECT pg_drop_replication_slot($1)', [first.slotName]);
    await database.pool.query(`INSERT INTO things VALUES (2, 'missed')`);
    const second = await follow(database, { dir: first.dir, slotName: first.slotName });
    expect(second.replication.status().lastReset?.reason).toBe('slot_missing');
    await database.pool.query(`INSERT INTO things VALUES (3, 'after')`);
    await second.caughtUp();
    expect(await changesIn(second.log)).toEqual(['insert things 3,after']);
    expect(second.log.covers({ kind: 'log', lsn: first.log.position(), op: 'end' })).toBe(false);
  });

  it('begins the log anew when an operator begins a new epoch', async () => {
    const database = await thingsDatabase();
    const first = await follow(database);
    const { epoch } = first.log;
    await first.stop();
    await database.pool.query('UPDATE replication_epoch SET epoch = gen_random_uuid()');
    const second = await follow(database, { dir: first.dir, slotName: first.slotName });
    expect(second.replication.status().lastReset?.reason).toBe('epoch_changed');
    expect(second.log.epoch).not.toBe(epoch);
  });

  it('takes a very large transaction piece by piece', async () => {
    const database = await thingsDatabase();
    const { log, caughtUp } = await follow(database, { segmentBytes: 4 * 1024 * 1024 });
    const rows = 200_000;
    await database.pool.query(
      `INSERT INTO things SELECT g, repeat('x', 40) FROM generate_series(1, ${rows}) g`,
    );
    await caughtUp();
    let seen = 0;
    let largest = 0;
    let lasts = 0;
    for await (const { changes, last } of log.read({ kind: 'log', lsn: log.start(), op: 'end' })) {
      seen += changes.length;
      largest = Math.max(largest, changes.length);
      if (last) lasts += 1;
    }
    expect({ seen, lasts }).toEqual({ seen: rows, lasts: 1 });
    expect(largest).toBeLessThanOrEqual(20_000);
  });
});

describe('what replication needs of Postgres', () => {
  it('is all there in the tests', async () => {
    const { pool } = await useTestDatabase();
    await expect(checkReplicationPrerequisites(pool, 'halo_none')).resolves.toBeUndefined();
  });

  it.each([
    [{ version: 130_012 }, 'postgres_too_old'],
    [{ wal_level: 'replica' }, 'wal_level_not_logical'],
    [{ may_replicate: false }, 'role_cannot_replicate'],
    [{ slots_used: 10 }, 'no_free_replication_slot'],
    [{ senders_used: 10 }, 'no_free_wal_sender'],
  ])('names what is lacking: %j', async (lack, code) => {
    const facts = {
      version: 150_000,
      wal_level: 'logical',
      role: 'halo',
      may_replicate: true,
      slot_exists: false,
      slots_used: 0,
      slots_allowed: 10,
      senders_used: 0,
      senders_allowed: 10,
    };
    const answering = { query: () => Promise.resolve({ rows: [{ ...facts, ...lack }] }) };
    await expect(checkReplicationPrerequisites(answering as never, 'halo')).rejects.toMatchObject({ code });
  });

  it('tells a role that may not replicate from one that may', async () => {
    const { pool } = await useTestDatabase();
    const role = `halo_plain_${crypto.randomUUID().slice(0, 8)}`;
    const client = await pool.connect();
    try {
      await client.query(`CREATE ROLE ${role}; SET ROLE ${role}`);
      await expect(checkReplicationPrerequisites(client, 'halo_none')).rejects.toMatchObject({
        code: 'role_cannot_replicate',
      });
      await client.query(`RESET ROLE; ALTER ROLE ${role} REPLICATION; SET ROLE ${role}`);
      await expect(checkReplicationPrerequisites(client, 'halo_none')).resolves.toBeUndefined();
    } finally {
      await client.query(`RESET ROLE; DROP ROLE ${role}`);
      client.release();
    }
  });
});
