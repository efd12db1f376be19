import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { requestShape } from '../support/shape-client.ts';
import type { ShapeResponse } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const INCIDENTS = '/v1/shapes/incidents';

const positionOf = ({ headers }: ShapeResponse) => ({
  handle: headers.get('electric-handle')!,
  offset: headers.get('electric-offset')!,
});

it('sends none of the rows, and every change of them, to who asks for changes only', async () => {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01']);
  const server = await startShapeServer(database);
  onTestFinished(() => server.stop());
  const id = await insertIncident(database.pool, { region: '01' });
  const query = { region: '01', log: 'changes_only' };
  const ask = (more: Record<string, string>) => requestShape(server.url, INCIDENTS, { ...query, ...more });

  const first = await ask({ offset: '-1' });
  expect(first.messages.map(({ headers }) => headers)).toMatchObject([{ control: 'snapshot-end' }]);
  await database.pool.query('UPDATE incidents SET severity = 5 WHERE id = $1', [id]);
  await server.readPath.caughtUp();
  const news = await ask(positionOf(first));
  expect(news.messages).toMatchObject([
    { value: { id, severity: '5' }, headers: { operation: 'update' } },
    { headers: { control: 'up-to-date' } },
  ]);

  const withRows = await requestShape(server.url, INCIDENTS, { region: '01', offset: '-1' });
  expect(withRows.messages).toHaveLength(2);
  // A position among changes alone says nothing about which rows its reader has.
  const mixed = await requestShape(server.url, INCIDENTS, { region: '01', ...positionOf(news) });
  expect(mixed.status).toBe(409);
  expect((await ask({ ...positionOf(withRows) })).status).toBe(409);
  expect((await requestShape(server.url, INCIDENTS, { ...query, log: 'none', offset: '-1' })).status).toBe(
    400,
  );
});
