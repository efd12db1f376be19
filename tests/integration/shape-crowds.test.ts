import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const READERS = 60;

it('makes one snapshot for all who begin to read a shape at once, and queues nobody behind it', async () => {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  for (let i = 0; i < 5; i += 1) await insertIncident(database.pool, { region: '01' });
  let made = 0;
  const beforeBarrier = () => {
    made += 1;
    return Promise.resolve();
  };
  const server = await startShapeServer(database, { beforeBarrier });
  onTestFinished(() => server.stop());
  const reader = (region: string) => new StrictShapeReader(server.url, '/v1/shapes/incidents', { region });
  const crowd = Array.from({ length: READERS }, () => reader('01'));
  await Promise.all(crowd.map((each) => each.catchUp()));
  expect(made).toBe(1);
  expect(new Set(crowd.map(({ handle }) => handle)).size).toBe(1);
  expect(crowd.map(({ rows }) => rows.size)).toEqual(crowd.map(() => 5));
  await reader('03').catchUp();
  expect(made).toBe(2);
  expect(server.engine.status().queued).toBe(0);
});
