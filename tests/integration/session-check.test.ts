import { expect, it, onTestFinished } from 'vitest';
import { createSessionCheck } from '../../server/auth/session-check.ts';
import { createPool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';

const LOOK_UP_MS = 2_000;

it('looks sessions up again after a connection to Postgres was cut without a word', async () => {
  const database = await useTestDatabase();
  const { hostname, port } = new URL(database.url);
  const proxy = await startFaultProxy(`http://${hostname}:${port}`);
  const through = Object.assign(new URL(database.url), { host: new URL(proxy.url).host });
  const pool = createPool(through.href, 4, createLogger('silent'));
  onTestFinished(async () => {
    await pool.end();
    await proxy.close();
  });
  const sessions = createSessionCheck(pool, () => performance.now(), LOOK_UP_MS);
  const unknown = { live: false, role: 'reporter', isGone: true };
  expect(await sessions.stateNow(crypto.randomUUID())).toEqual(unknown);
  proxy.silence();
  const lost = sessions.stateNow(crypto.randomUUID());
  const failure = expect(lost).rejects.toMatchObject({ code: 'database_unavailable', status: 503 });
  await new Promise((resolve) => setTimeout(resolve, LOOK_UP_MS / 3));
  proxy.up();
  // It waits behind the one that is lost.
  const next = sessions.stateNow(crypto.randomUUID());
  await failure;
  expect(await next).toEqual(unknown);
});
