import { expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';

const PATH = '/v1/shapes/incidents';

it('invariant 8 (O9): a stream of events ends with its token, and its reader goes on at the same place', async () => {
  const caller: { expiresAt?: Date } = {};
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01']);
  const server = await startShapeServer(database, { caller });
  onTestFinished(() => server.stop());
  const shape = new StrictShapeReader(server.url, PATH, { region: '01' });
  await shape.catchUp();
  const query = { region: '01', offset: shape.offset, handle: shape.handle!, live: 'true', live_sse: 'true' };
  const open = () => fetch(`${server.url}${PATH}?${new URLSearchParams(query).toString()}`);

  caller.expiresAt = new Date(Date.now() + 6_000);
  const stream = await open();
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  await insertIncident(database.pool, { region: '01' });
  let events = '';
  const decoder = new TextDecoder();
  const read = async () => {
    for await (const piece of stream.body!) events += decoder.decode(piece as Uint8Array, { stream: true });
  };
  // It is cut, or it just ends; it does not stay open.
  await read().catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
  expect(events).toContain('"operation":"insert"');

  // With the old token nothing more is to be had, and nothing waits for it.
  const refused = await open();
  expect(refused.status).toBe(401);
  expect(refused.headers.get('content-type')).toContain('application/problem+json');
  expect(await refused.json()).toMatchObject({ code: 'token_expired' });
  expect(server.engine.status().waiting).toBe(0);

  // With a new one the reader goes on where he was: same handle, same offset, no refetch.
  await insertIncident(database.pool, { region: '01' });
  await server.readPath.caughtUp();
  delete caller.expiresAt;
  const { handle } = shape;
  await shape.catchUp();
  expect([shape.rows.size, shape.refetches, shape.handle]).toEqual([2, 0, handle]);
});
