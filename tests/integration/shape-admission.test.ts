import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties } from '../support/incident-rows.ts';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';

const SECRET = 'a secret of the tests';

/** A server that lets so many reads of each kind in. */
async function start(most = '1', more: Record<string, string> = {}) {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01']);
  await database.pool.query(`
    CREATE TABLE pages (id int PRIMARY KEY, words text NOT NULL);
    INSERT INTO pages SELECT i, repeat(md5(i::text), 30) FROM generate_series(1, 20000) i`);
  const bounds = { HALO_MAX_INITIAL_READS: most, HALO_MAX_LIVE_READS: most };
  const env = { HALO_SHAPE_SECRET: SECRET, ...bounds, ...more };
  const server = await startServerProcess(database.url, { env });
  onTestFinished(() => stopServerProcess(server));
  const authorization = `Bearer ${await accessToken(server.url, OPERATOR)}`;
  const metric = async (name: string) => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const raw = (query: Record<string, string>) =>
    fetch(
      `${server.url}/v1/shape?${new URLSearchParams({ secret: SECRET, table: 'pages', ...query }).toString()}`,
    );
  const named = (
    query: Record<string, string>,
    signal?: AbortSignal,
    from = '192.0.2.1',
    as = authorization,
  ) =>
    fetch(`${server.url}/v1/shapes/incidents?${new URLSearchParams({ region: '01', ...query }).toString()}`, {
      headers: { authorization: as, 'x-forwarded-for': from },
      signal: signal ?? null,
    });
  return { server, metric, raw, named };
}

describe('more reads than the server takes on', () => {
  it('invariant 6: are told to come back, by kind, while one that waits or is not taken is in flight', async () => {
    const { server, metric, raw, named } = await start();
    const first = await named({ offset: '-1' });
    await first.arrayBuffer();
    const position = {
      offset: first.headers.get('electric-offset')!,
      handle: first.headers.get('electric-handle')!,
    };
    // The two readers behind /ws, of incidents and of predictions.
    await eventually(async () => (await metric('halo_shape_readers_waiting')) === 2);
    const leaving = new AbortController();
    const waiting = named({ ...position, live: 'true' }, leaving.signal).catch(() => 'left');
    await eventually(async () => (await metric('halo_shape_readers_waiting')) === 3);
    expect(await metric('halo_shape_live_reads_in_flight')).toBe(1);

    const refused = await named({ ...position, live: 'true' });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(2);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(await refused.json()).toMatchObject({ code: 'too_many_reads', kind: 'live', limit: 1 });
    // However it is written that it waits.
    expect((await named({ ...position, live: '' })).status).toBe(503);
    // The other kind has its own bound.
    expect((await named(position)).status).toBe(200);

    const electric = await raw({ offset: '0_inf', handle: 'x', live: 'true' });
    expect(electric.status).toBe(503);
    expect(electric.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(electric.headers.get('access-control-allow-origin')).toBe('*');
    expect(await electric.json()).toEqual({
      code: 'concurrent_request_limit_exceeded',
      message: 'Concurrent existing request limit exceeded (limit: 1), please retry',
    });
    expect(await metric('halo_shape_live_reads_refused_total')).toBe(3);

    // Who goes away makes room.
    leaving.abort();
    expect(await waiting).toBe('left');
    await eventually(async () => (await metric('halo_shape_live_reads_in_flight')) === 0);

    // An answer that its reader does not take is in flight until it has gone.
    const slow = connect(Number(new URL(server.url).port), '127.0.0.1').pause();
    onTestFinished(() => void slow.destroy());
    const path = `/v1/shape?table=pages&offset=-1&secret=${encodeURIComponent(SECRET)}`;
    slow.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await eventually(async () => (await metric('halo_snapshot_bytes')) > 10_000_000);
    expect(await metric('halo_shape_initial_reads_in_flight')).toBe(1);
    expect((await named({ offset: '-1' })).status).toBe(503);
    slow.destroy();
    await eventually(async () => (await named({ offset: '-1' })).status === 200);
    expect(await metric('halo_shape_initial_reads_refused_total')).toBeGreaterThanOrEqual(1);
    expect(await metric('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('invariant 6: are told so by the share of their account or address, and leave others served', async () => {
    const { server, metric, named } = await start('8', { HALO_TRUSTED_PROXIES: '1' });
    const first = await named({ offset: '-1' });
    await first.arrayBuffer();
    const position = {
      offset: first.headers.get('electric-offset')!,
      handle: first.headers.get('electric-handle')!,
      live: 'true',
    };
    const [bo, cy] = await Promise.all(
      ['bo', 'cy'].map(
        async (name) => `Bearer ${await accessToken(server.url, await registerAccount(server.url, name))}`,
      ),
    );
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    const wait = (from: string, as?: string) =>
      void named(position, leaving.signal, from, as).catch(() => {});
    const areWaiting = (count: number) =>
      eventually(async () => (await metric('halo_shape_live_reads_in_flight')) === count);
    for (const from of ['192.0.2.1', '192.0.2.2']) wait(from);
    await areWaiting(2);
    // One account, from however many addresses.
    const refused = await named({ ...position, session: 'run' }, undefined, '192.0.2.3');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(2);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited', kind: 'live', limit: 2 });
    // Who is sent away with his share is there all the same, and not among the silent.
    expect(await metric('halo_sessions_present')).toBe(1);
    wait('192.0.2.1', bo);
    await areWaiting(3);
    // One address, by however many accounts.
    expect((await named(position, undefined, '192.0.2.1', cy)).status).toBe(429);
    wait('192.0.2.4', cy);
    await areWaiting(4);
    expect(await metric('halo_shape_live_reads_limited_total')).toBe(2);
    expect(await metric('halo_shape_live_reads_refused_total')).toBe(0);
    // The other kind has its own share.
    expect((await named({ offset: '-1' })).status).toBe(200);
  });
});
