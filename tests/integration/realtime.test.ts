import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { incidents } from '@halo/shapes/catalog/incidents.ts';
import { compareLogOffsets, parseOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { CLOSE_CODES } from '@halo/shapes/protocol/realtime.ts';
import type { RealtimeSubscription } from '@halo/shapes/protocol/realtime.ts';
import { greatCircleDistance, UNITS } from 'h3-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestAuth, movableClock } from '../support/auth.ts';
import type { TestAuth } from '../support/auth.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties } from '../support/incident-rows.ts';
import { RealtimeClient } from '../support/realtime-client.ts';
import { startRealtimeServer } from '../support/realtime-server.ts';
import type { RealtimeServer } from '../support/realtime-server.ts';

/** One instance for all, which some restart; each test looks at incidents of its own. */
let database: TestDatabase;
let auth: TestAuth;
let server: RealtimeServer;
let token: string;
const KEY = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' };
const TIMES = { lookMs: 50, heartbeatMs: 2_000, drainMs: 500 };

beforeAll(async () => {
  database = await createTestDatabase();
  await insertCounties(database.pool, ['01', '03']);
  auth = await createTestAuth(database, movableClock());
  server = await startRealtimeServer(database, auth, {}, { times: TIMES });
  await eventually(() => server.hub.reserve('a test')() === undefined);
  token = (await auth.login()).accessToken;
});
afterAll(async () => {
  await server.stop();
  auth.remove();
  await database.drop();
});

interface Row {
  readonly id: string;
  readonly type: string;
  readonly severity: number;
  readonly lat: number;
  readonly lon: number;
  readonly region: string | null;
}

function row(changes: Partial<Row> = {}): Row {
  return { id: randomUUID(), type: 'theft', severity: 3, lat: 59.3, lon: 18.1, region: '01', ...changes };
}

async function put(each: Row): Promise<void> {
  await database.pool.query(
    `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region,
                            report_count, reporter_count)
     VALUES ($1, $2, $3, 0.5, now(), $4, $5, 'municipality', $6, 1, 1)
     ON CONFLICT (id) DO UPDATE SET type = $2, severity = $3, lat = $4, lon = $5, region = $6`,
    [each.id, each.type, each.severity, each.lat, each.lon, each.region],
  );
}

async function remove({ id }: Row): Promise<void> {
  await database.pool.query('DELETE FROM incidents WHERE id = $1', [id]);
}

/** Writes a row that everybody sees who follows all, and waits until the client has it: nothing before it is to come. */
async function told(client: RealtimeClient): Promise<void> {
  const last = row();
  await put(last);
  await eventually(() => client.of('change').some(({ incident }) => incident.id === last.id));
}

function restartOptions() {
  const { slotName, dir } = server.readPath;
  return { slotName, dir };
}

describe('invariant 6: sockets', () => {
  it('are told just what a filter over the changes leaves, each change once, in public columns', async () => {
    const client = await RealtimeClient.open(server.url, token);
    const filters: Omit<RealtimeSubscription, 'id'>[] = [
      {},
      { area: '01' },
      { area: '03', minSeverity: 4 },
      { circle: { lat: 59.3, lon: 18.1, radiusM: 20_000 } },
      { circle: { lat: 59.3, lon: 18.1, radiusM: 400 }, types: ['fire'] },
      { types: ['fire', 'robbery'], minSeverity: 2 },
    ];
    client.send({
      type: 'subscribe',
      subscriptions: filters.map((filter, i) => ({ id: `s${i}`, ...filter })),
    });
    await client.first('subscribed');
    const meets = (
      { area, circle, minSeverity = 1, types }: (typeof filters)[number],
      each: Row | undefined,
    ) =>
      each?.region != null &&
      (area === undefined || each.region === area) &&
      each.severity >= minSeverity &&
      (types === undefined || types.some((type) => type === each.type)) &&
      (circle === undefined ||
        greatCircleDistance([circle.lat, circle.lon], [each.lat, each.lon], UNITS.m) <= circle.radiusM);
    const expected: string[][] = filters.map(() => []);
    let changes = 0;
    const rows: (Row | undefined)[] = [];
    // A walk that a number decides: 7 and 12 have no factor in common with what is chosen from.
    for (let step = 0; step < 60; step += 1) {
      const i = (step * 7) % 12;
      const before = rows[i];
      const at = [0, 0.002, 0.1, 3][step % 4]!;
      const after =
        before !== undefined && step % 5 === 4
          ? undefined
          : row({
              ...(before === undefined ? {} : { id: before.id }),
              type: ['theft', 'fire', 'robbery'][step % 3]!,
              severity: 1 + ((step * 3) % 5),
              lat: 59.3 + at,
              region: ['01', '03', '01', null, '03', '03', '01'][step % 7]!,
            });
      if (after === undefined) await remove(before!);
      else await put(after);
      rows[i] = after;
      const id = (before ?? after)!.id;
      const visible = before?.region != null || after?.region != null;
      if (visible) changes += 1;
      for (const [n, filter] of filters.entries()) {
        const [was, is] = [meets(filter, before), meets(filter, after)];
        if (!was && !is) continue;
        // Without a region it is in no shape, as good as gone.
        const gone = after?.region == null;
        expected[n]!.push(`${is ? (was ? 'update' : 'insert') : gone ? 'delete' : 'leave'} ${id}`);
      }
    }
    await told(client);
    const found = filters.map((_, n) => client.told(`s${n}`).filter((text) => rowsSeen(text, expected[n]!)));
    expect(found).toEqual(expected);
    // One message a change, however many subscriptions it concerns, in the order of the log.
    const messages = client.of('change');
    expect(messages).toHaveLength(changes + 1);
    const offsets = messages.map(({ offset }) => parseOffset(offset) as LogOffset);
    for (let i = 1; i < offsets.length; i += 1) {
      expect(compareLogOffsets(offsets[i - 1]!, offsets[i]!)).toBeLessThan(0);
    }
    const columns = incidents.columns.map(({ name }) => name).toSorted();
    for (const { incident } of messages) expect(Object.keys(incident).toSorted()).toEqual(columns);
    await client.leave();
  });

  it('go on from an offset, through reconnects and a restart, without a gap and without a double', async () => {
    let client = await RealtimeClient.open(server.url, token);
    const everything = [{ id: 'all' }, { id: 'fires', types: ['fire' as const] }];
    client.send({ type: 'subscribe', subscriptions: everything });
    const begun = await client.first('subscribed');
    const written: string[] = [];
    const write = async (type: string) => {
      const each = row({ type });
      await put(each);
      written.push(each.id);
    };
    await write('theft');
    await write('fire');
    const last = await client.nth('change', 2);
    await client.leave();
    await write('fire');

    // A restart of the server, with writes while it is away and while the client catches up.
    const { port } = new URL(server.url);
    const again = restartOptions();
    await server.stop();
    await write('theft');
    server = await startRealtimeServer(database, auth, { ...again, port: Number(port) }, { times: TIMES });
    await eventually(() => server.hub.reserve('a test')() === undefined);
    client = await RealtimeClient.open(server.url, token);
    client.send({
      type: 'subscribe',
      subscriptions: everything,
      since: { handle: begun.handle, offset: last.offset },
    });
    for (let i = 0; i < 20; i += 1) await write(i % 2 === 0 ? 'fire' : 'theft');
    await eventually(() => client.told('all').length >= written.length - 2);
    await told(client);
    expect(client.told('all').slice(0, -1)).toEqual(written.slice(2).map((id) => `insert ${id}`));
    const fires = client.of('change').filter(({ incident }) => incident.type === 'fire');
    for (const { subscriptions } of fires)
      expect(subscriptions.map(({ id }) => id)).toEqual(['all', 'fires']);
    // All is told now, and a heartbeat says up to where.
    const { offset } = client.of('change').at(-1)!;
    await eventually(() => {
      const place = client.of('heartbeat').at(-1)?.offset ?? '1_0';
      return compareLogOffsets(parseOffset(place) as LogOffset, parseOffset(offset) as LogOffset) >= 0;
    });
    await client.leave();
  });

  it('are told that the log does not cover a place, and what to do', async () => {
    const client = await RealtimeClient.open(server.url, token);
    client.send({ type: 'subscribe', subscriptions: [{ id: 'now' }] });
    const { handle, offset } = await client.first('subscribed');
    const ask = (id: string, since: { handle: string; offset: string }) =>
      client.send({ type: 'subscribe', subscriptions: [{ id }], since });
    ask('early', { handle, offset: '8_0' });
    ask('another shape', { handle: 'x-1', offset });
    await eventually(() => client.of('error').length === 2);
    for (const { code, hint, ids } of client.of('error')) {
      expect(code).toBe('offset_trimmed');
      expect(hint).toMatch(/without since/);
      expect(ids).toHaveLength(1);
    }
    // The id is free again, and the one that lives goes on.
    client.send({ type: 'subscribe', subscriptions: [{ id: 'early' }] });
    await client.nth('subscribed', 4);
    await told(client);
    expect(
      client
        .of('change')
        .at(-1)!
        .subscriptions.map(({ id }) => id),
    ).toEqual(['now', 'early']);
    client.send({ type: 'unsubscribe', ids: ['now', 'nobody'] });
    client.send({ type: 'ping' });
    await client.first('pong');
    await told(client);
    expect(
      client
        .of('change')
        .at(-1)!
        .subscriptions.map(({ id }) => id),
    ).toEqual(['early']);
    await client.leave();
  });

  it('are cut off when their peers give no sign of life', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port) });
    const head = { connection: 'Upgrade', upgrade: 'websocket', ...KEY, authorization: `Bearer ${token}` };
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
    socket.write(`GET /ws HTTP/1.1\r\nhost: ${hostname}\r\n${lines.join('\r\n')}\r\n\r\n`);
    socket.resume();
    await once(socket, 'close');
    await eventually(() => server.hub.status().closed.silent === 1);
  });

  it('bound what waits for a peer that takes nothing, and close it; it has all of it when it comes back', async () => {
    const { port } = new URL(server.url);
    const again = restartOptions();
    await server.stop();
    const times = { ...TIMES, heartbeatMs: 60_000, stallAfterMs: 5_000, authWithinMs: 2_500 };
    const options = { ...again, port: Number(port) };
    const hub = { times, maxBufferedBytes: 64 * 1024 };
    server = await startRealtimeServer(database, auth, options, hub);
    await eventually(() => server.hub.reserve('a test')() === undefined);
    const slow = await RealtimeClient.open(server.url, token);
    const quick = await RealtimeClient.open(server.url, token);
    for (const each of [slow, quick]) each.send({ type: 'subscribe', subscriptions: [{ id: 'all' }] });
    const { handle, offset } = await slow.first('subscribed');
    await quick.first('subscribed');
    slow.socket.pause();
    // More than the kernel takes for it.
    const count = 20_000;
    await database.pool.query(
      `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region,
                              report_count, reporter_count)
       SELECT gen_random_uuid(), 'other', 1, 0.5, now(), 59, 18, 'county', '03', 1, 1 FROM generate_series(1, $1::int)`,
      [count],
    );
    await eventually(() => quick.told('all').length === count, { withinMs: 60_000, everyMs: 500 });
    await eventually(() => server.hub.status().closing === 1, { everyMs: 100 });
    expect(server.hub.status().live).toBe(1);
    slow.socket.resume();
    expect(await slow.closed()).toBe(CLOSE_CODES.stalled);
    await eventually(() => server.hub.status().closed.stalled === 1);
    const had = slow.of('change');
    expect(had.length).toBeLessThan(count);
    const back = await RealtimeClient.open(server.url, token);
    const since = { handle, offset: had.at(-1)?.offset ?? offset };
    back.send({ type: 'subscribe', subscriptions: [{ id: 'all' }], since });
    await eventually(() => had.length + back.told('all').length >= count, { withinMs: 60_000, everyMs: 500 });
    expect([...slow.told('all'), ...back.told('all')]).toEqual(quick.told('all'));
    await back.leave();
    await quick.leave();
  });
});

describe('invariant 8: who may open a socket, and for how long', () => {
  const status = async (headers: Record<string, string>, path = '/ws') => {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port) });
    const all = { host: `${hostname}:${port}`, connection: 'Upgrade', upgrade: 'websocket', ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    let answer = '';
    for await (const piece of socket) {
      answer += String(piece);
      if (answer.startsWith('HTTP/1.1 101')) break;
    }
    socket.destroy();
    return answer;
  };

  it('has one address, for programs and for its own pages, and no other', async () => {
    expect(await status(KEY)).toMatch(/^HTTP\/1.1 101 /);
    expect(await status({ ...KEY, origin: server.url })).toMatch(/^HTTP\/1.1 101 /);
    expect(await status({ ...KEY, origin: 'https://evil.example' })).toMatch(
      / 403 [^]*"code":"origin_forbidden"/,
    );
    for (const path of ['/ws/', '/WS', '//ws', '/ws/../ws', '/%77s', '/ws%20', '/socket']) {
      expect(await status(KEY, path), path).toMatch(/^HTTP\/1.1 404 /);
    }
    expect(await status(KEY, `/ws?token=${token}`)).toMatch(/ 400 [^]*"code":"unknown_parameter"/);
    expect(await status({ ...KEY, 'sec-websocket-version': '12' })).toMatch(
      / 426 [^]*sec-websocket-version: 13/,
    );
    expect(await status({ ...KEY, 'sec-websocket-key': 'short' })).toMatch(
      / 400 [^]*"code":"handshake_invalid"/,
    );
    expect(await status({ ...KEY, authorization: 'Bearer forged.token.here' })).toMatch(/ 401 /);
    // Whoever asks for another protocol gets what he would get without.
    expect(await status({ upgrade: 'h2c', authorization: `Bearer ${token}` }, '/v1/shapes/none')).toMatch(
      / 404 /,
    );
    expect(await status({ upgrade: 'h2c' })).toMatch(/ 426 [^]*"code":"upgrade_required"/);
    expect(await status({ ...KEY, 'content-length': '3' })).toMatch(/ 400 [^]*"code":"upgrade_refused"/);
    expect((await fetch(`${server.url}/ws`)).status).toBe(426);
  });

  it('takes the token in the first message, too, and closes when the session ends, with the code for it', async () => {
    const person = await auth.login('leaver');
    const stranger = new RealtimeClient(server.url);
    const client = new RealtimeClient(server.url);
    await eventually(() => client.socket.readyState === 1);
    client.send({ type: 'auth', token: person.accessToken });
    client.send({ type: 'subscribe', subscriptions: [{ id: 'all' }] });
    await client.first('subscribed');
    await auth.post('/api/v1/auth/logout', { refreshToken: person.refreshToken }, person.accessToken);
    expect(await client.closed()).toBe(CLOSE_CODES.unauthenticated);
    expect(server.hub.status().live).toBe(0);
    // Who brings no token may not stay either.
    expect(await stranger.closed()).toBe(CLOSE_CODES.authTimeout);
  });

  it('answers wrong messages with coded errors, closes on hostile ones, and lives on', async () => {
    const stranger = new RealtimeClient(server.url);
    await eventually(() => stranger.socket.readyState === 1);
    stranger.send({ type: 'subscribe', subscriptions: [{ id: 'all' }] });
    expect((await stranger.first('error')).code).toBe('token_missing');
    expect(await stranger.closed()).toBe(CLOSE_CODES.unauthenticated);

    const client = await RealtimeClient.open(server.url, token);
    const circle = { lat: 59, lon: 18, radiusM: 100_001 };
    const wrong: [unknown, string, string?][] = [
      ['{', 'invalid_json'],
      [Buffer.from([1, 2]), 'invalid_message'],
      ['null', 'invalid_message'],
      [{ type: 'nothing' }, 'invalid_message', 'type'],
      [{ type: 'subscribe', subscriptions: [] }, 'invalid_message', 'subscriptions'],
      [
        { type: 'subscribe', subscriptions: [{ id: 'a', circle }] },
        'invalid_message',
        'subscriptions.0.circle.radiusM',
      ],
      [
        { type: 'subscribe', subscriptions: [{ id: 'a', where: 'true' }] },
        'invalid_message',
        'subscriptions.0',
      ],
      [
        { type: 'subscribe', subscriptions: [{ id: 'a', area: '99999' }] },
        'area_not_found',
        'subscriptions.0.area',
      ],
      [
        { type: 'subscribe', subscriptions: [{ id: 'a' }, { id: 'a' }] },
        'subscription_exists',
        'subscriptions',
      ],
      [
        { type: 'subscribe', subscriptions: [{ id: 'a' }], since: { handle: 'x', offset: '-1' } },
        'invalid_message',
        'since.offset',
      ],
      [{ type: 'auth', token: (await auth.login('other')).accessToken }, 'other_account'],
    ];
    for (const [message, code, field] of wrong) {
      const text =
        typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
      const known = client.of('error').length;
      client.socket.send(text);
      const error = await client.nth('error', known + 1);
      expect([error.code, error.field], String(text)).toEqual([code, field]);
    }
    const many = Array.from({ length: 50 }, (_, i) => ({ id: `m${i}` }));
    client.send({ type: 'subscribe', subscriptions: many });
    client.send({ type: 'subscribe', subscriptions: [{ id: 'one more' }] });
    await eventually(() => client.of('error').at(-1)?.code === 'too_many_subscriptions');
    await told(client);
    expect(client.of('change')).toHaveLength(1);
    client.socket.send('x'.repeat(70_000));
    expect(await client.closed()).toBe(1009);

    const flood = await RealtimeClient.open(server.url, token);
    for (let i = 0; i < 200; i += 1) flood.send({ type: 'pong' });
    expect(await flood.closed()).toBe(CLOSE_CODES.tooMany);
    // A frame that no library sends: reserved bits, and not masked.
    const raw = await RealtimeClient.open(server.url, token);
    (raw.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from([0xff, 0x01, 0x00]),
    );
    expect(await raw.closed()).toBe(1002);
    expect(server.hub.status().closed).toMatchObject({ badFrame: 2 });
    await told(await follower());
  });

  it('closes all when the server stops, with the code to come back', async () => {
    const client = await follower();
    await server.stop();
    expect(await client.closed()).toBe(CLOSE_CODES.restart);
    expect(server.hub.status()).toMatchObject({ open: 0, live: 0 });
  });

  async function follower(): Promise<RealtimeClient> {
    const client = await RealtimeClient.open(server.url, token);
    client.send({ type: 'subscribe', subscriptions: [{ id: 'all' }] });
    await client.first('subscribed');
    return client;
  }
});

/** Rows of other tests are none of this one's. */
function rowsSeen(text: string, expected: readonly string[]): boolean {
  return expected.some((each) => each.split(' ')[1] === text.split(' ')[1]);
}
