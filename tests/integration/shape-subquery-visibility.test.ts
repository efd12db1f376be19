import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ownCluster } from '../support/own-cluster.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import { StrictShapeReader } from '../support/shape-client.ts';

const SECRET = 'a secret of the tests';

it('invariant 5: rows that a subquery brings in are not older than what the log has told of them', async () => {
  // Who commits in step with a standby that never comes is in the WAL, and not visible, until he is cancelled.
  const cluster = await ownCluster({ synchronous_standby_names: 'nobody', synchronous_commit: 'local' });
  const { pool, url } = await cluster.start();
  await pool.query(`
    CREATE TABLE owners (id int PRIMARY KEY, active bool);
    CREATE TABLE docs (id int PRIMARY KEY, owner int);
    INSERT INTO owners VALUES (1, true), (7, false);
    INSERT INTO docs VALUES (1, 1), (5, 7), (6, 7)`);
  const server = await startServerProcess(url, { env: { HALO_SHAPE_SECRET: SECRET } });
  onTestFinished(() => stopServerProcess(server));
  const where = 'owner IN (SELECT id FROM owners WHERE active)';
  const docs = new StrictShapeReader(server.url, '/v1/shape', { table: 'docs', where, secret: SECRET });
  await docs.catchUp();
  const expectRows = (ids: readonly string[]) =>
    eventually(async () => {
      await docs.catchUp();
      expect([...docs.rows.values()].map(({ id }) => id).toSorted()).toEqual(ids);
    });

  const late = await pool.connect();
  const { rows } = await late.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await late.query('BEGIN; SET LOCAL synchronous_commit = on');
  await late.query('UPDATE docs SET owner = NULL WHERE id = 5');
  await late.query('INSERT INTO docs VALUES (9, 1)');
  const committing = late.query('COMMIT');
  await expectRows(['1', '9']);
  expect((await pool.query('SELECT FROM docs WHERE id = 9')).rowCount).toBe(0);
  await pool.query('UPDATE owners SET active = true WHERE id = 7');
  // Time enough to take the row as it was.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await docs.catchUp();
  await pool.query('SELECT pg_cancel_backend($1)', [rows[0]!.pid]);
  await committing;
  late.release();
  await expectRows(['1', '6', '9']);
  expect(docs.refetches).toBe(0);
});
