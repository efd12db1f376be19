import { expect, it } from 'vitest';
import { parseLsn } from '../../server/replication/lsn.ts';
import { eventually } from '../support/eventually.ts';
import { changesIn } from '../support/read-path.ts';
import { confirmedLsn, follow, thingsDatabase } from '../support/things-database.ts';

const PART_ROWS = 5_000;
const MIB = 1024n * 1024n;

it('invariant 3 (O6): unsynced writes hold up no WAL, and no synced change is missed among them, restarts included', async () => {
  const database = await thingsDatabase();
  const { pool } = database;
  let part = 0;
  /** Some five MiB that nobody follows, and one row that somebody does. */
  const write = async () => {
    const from = part * PART_ROWS;
    await pool.query(
      `INSERT INTO unsynced SELECT g, repeat('x', 1000) FROM generate_series(${from}, ${from + PART_ROWS - 1}) g`,
    );
    await pool.query(`INSERT INTO things VALUES ($1, 'synced')`, [part]);
    part += 1;
  };
  const first = await follow(database);
  for (let n = 0; n < 3; n += 1) await write();
  await first.stop();
  for (let n = 0; n < 2; n += 1) await write();
  const second = await follow(database, { dir: first.dir, slotName: first.slotName });
  await write();
  await pool.query(`UPDATE unsynced SET v = repeat('y', 1000)`);
  const { rows } = await pool.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  const written = parseLsn(rows[0]!.lsn);

  // Nobody writes to a synced table any more; Postgres may let go of all the same.
  await eventually(async () => (await confirmedLsn(database, second.slotName)) >= written - MIB, {
    withinMs: 60_000,
  });
  await eventually(
    async () => {
      // A slot's restart_lsn follows what Postgres writes at a checkpoint.
      await pool.query('CHECKPOINT');
      const { rows: slots } = await pool.query<{ lsn: string }>(
        'SELECT restart_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = $1',
        [second.slotName],
      );
      return parseLsn(slots[0]!.lsn) >= written - MIB;
    },
    { withinMs: 60_000, everyMs: 500 },
  );
  await second.caughtUp();
  expect(second.replication.status().lastReset).toBeUndefined();
  expect(await changesIn(second.log)).toEqual(
    Array.from({ length: part }, (_, id) => `insert things ${id},synced`),
  );
});
