import { Shape, ShapeStream } from '@electric-sql/client';
import type { Message, ShapeStreamInterface } from '@electric-sql/client';
import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
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
  const seen: Message[] = [];
  const handles = new Set<string>();
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const stream = new ShapeStream({
    url: `${server.url}/v1/shapes/incidents`,
    params: { region: '01' },
    headers: { authorization: crypto.randomUUID() },
    signal: stopping.signal,
    backoffOptions: { initialDelay: 20, maxDelay: 200, multiplier: 1.5, maxRetries: Infinity },
  });
  stream.subscribe((messages) => {
    seen.push(...messages);
    if (stream.shapeHandle !== undefined) handles.add(stream.shapeHandle);
  });
  // The library's own types do not agree with each other under exactOptionalPropertyTypes.
  const shape = new Shape(stream as ShapeStreamInterface);
  const expectRows = (ids: readonly string[]) =>
    eventually(() => {
      expect(shape.currentRows.map((row) => row['id']).toSorted()).toEqual(ids.toSorted());
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

  const { rows } = await pool.query<{ id: string; severity: number }>(
    `SELECT id, severity FROM incidents WHERE region = '01'`,
  );
  const replica = shape.currentRows.map((row) => ({ id: row['id'], severity: row['severity'] }));
  expect(replica).toEqual(expect.arrayContaining(rows));
  expect(seen.some((message) => message.headers.control === 'must-refetch')).toBe(false);
  expect(handles.size).toBe(1);
});
