import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { followWithElectric } from '../support/electric-follower.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { startShapeServer } from '../support/shape-server.ts';
import type { ShapeServer } from '../support/shape-server.ts';

it('Electric’s own client follows a shape through moves, a restart and a longer absence, without a refetch', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  await insertCounties(pool, ['01', '03']);
  const kept = await insertIncident(pool, { region: '01' });
  const moved = await insertIncident(pool, { region: '03' });
  let server: ShapeServer = await startShapeServer(database);
  onTestFinished(() => server.stop());
  const incidents = followWithElectric(server.url, 'incidents?region=01', crypto.randomUUID());
  const expectRows = (ids: readonly string[]) =>
    eventually(() => {
      expect(incidents.values('id')).toEqual(ids.toSorted());
      expect(incidents.kept('id')).toEqual(ids.toSorted());
    });

  await expectRows([kept]);
  await pool.query(`UPDATE incidents SET region = '01', severity = 5 WHERE id = $1`, [moved]);
  await expectRows([kept, moved]);
  await pool.query(`UPDATE incidents SET severity = 1 WHERE id = $1`, [kept]);
  await pool.query(`UPDATE incidents SET region = NULL WHERE id = $1`, [moved]);
  await expectRows([kept]);

  const { slotName, dir } = server.readPath;
  const port = Number(new URL(server.url).port);
  await server.stop();
  const missed = await insertIncident(pool, { region: '01' });
  await insertIncident(pool, { region: '03' });
  server = await startShapeServer(database, { slotName, dir, port });
  await expectRows([kept, missed]);
  const last = await insertIncident(pool, { region: '01', type: 'fire' });
  await expectRows([kept, missed, last]);
  await pool.query('DELETE FROM incidents WHERE id = $1', [missed]);
  await expectRows([kept, last]);

  const { rows } = await pool.query<{ severity: number }>(
    `SELECT severity FROM incidents WHERE region = '01'`,
  );
  const severities = rows.map(({ severity }) => severity).toSorted();
  expect(incidents.values('severity')).toEqual(severities);
  expect(incidents.kept('severity')).toEqual(severities);
  expect(incidents.faults).toEqual([]);
  expect(incidents.handles.size).toBe(1);
});
