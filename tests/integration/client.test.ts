import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HaloClientError, openHalo } from '@halo/client';
import type { Halo, HaloOptions } from '@halo/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplicaDatabase } from '../../client-sdk/replica/replica-database.ts';
import { eventually } from '../support/eventually.ts';
import { createStoreMaker } from './client-fixtures.ts';
import { incidentRow, numberedId, reportRow, sampleReport } from './client-samples.ts';
import type { StoreMaker } from './client-fixtures.ts';
import { ProtocolServer, problem } from './client-protocol-server.ts';

const AUTH = { email: 'ann@halo.example', password: 'right password' };
const SHAPES = [{ name: 'incidents', params: { region: '01' } }];
const MINE = 'SELECT id, description, sync_state FROM my_reports ORDER BY id';

let stores: StoreMaker;
beforeAll(async () => {
  stores = await createStoreMaker();
});
afterAll(() => stores.remove());

let dir: string;
let server: ProtocolServer;
let url: string;
let open: Halo[];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'halo-client-'));
  server = new ProtocolServer();
  url = await server.start();
  open = [];
});
afterEach(async () => {
  for (const halo of open) await halo.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function device(options: Partial<HaloOptions> = {}): Promise<Halo> {
  const store = stores.at(join(dir, 'device'));
  const halo = await openHalo({ url, store, auth: AUTH, shapes: SHAPES, ...options });
  open.push(halo);
  return halo;
}

const incident = (id: number, region = '01', severity = '3') => ({
  shape: `incidents?region=${region}`,
  operation: 'insert' as const,
  value: incidentRow(numberedId(id), region, severity),
});

describe('the client against a server that speaks the protocol', () => {
  it('reads a snapshot, follows the log, and tells live queries', async () => {
    server.commit([incident(1), incident(2)]);
    const halo = await device();
    await halo.whenLive();
    const seen: unknown[][] = [];
    const stop = halo.live('SELECT severity FROM incidents ORDER BY id', [], (rows) => seen.push(rows));
    await eventually(() => expect(seen.at(-1)).toEqual([{ severity: 3 }, { severity: 3 }]));
    server.commit([
      { shape: SHAPE_01, operation: 'update', value: { id: numberedId(1), severity: '5' } },
      { shape: SHAPE_01, operation: 'delete', value: { id: numberedId(2) } },
      incident(3),
    ]);
    await eventually(() => expect(seen.at(-1)).toEqual([{ severity: 5 }, { severity: 3 }]));
    stop();
    expect(halo.status()).toMatchObject({ network: 'online', replica: { state: 'ready' }, error: undefined });
  });

  it('invariant 7: what two shapes got in one transaction is seen at once, with no help of the server', async () => {
    const halo = await device();
    await halo.whenLive();
    const halves: unknown[] = [];
    halo.live(
      `SELECT (SELECT count(*)::int FROM incidents) AS i, (SELECT count(*)::int FROM my_reports) AS r`,
      [],
      (rows) => halves.push(rows[0]),
    );
    for (let n = 1; n <= 20; n += 1) {
      const report = {
        shape: 'my_reports',
        operation: 'insert' as const,
        value: reportRow(numberedId(n), 'x'),
      };
      server.commit(n % 2 === 0 ? [incident(n), report] : [report, incident(n)]);
      await new Promise((resolve) => setTimeout(resolve, n % 5));
    }
    await eventually(() => expect(halves.at(-1)).toEqual({ i: 20, r: 20 }));
    for (const half of halves as { i: number; r: number }[]) expect(half.i).toBe(half.r);
  });

  it('shows a report at once, delivers it, and lets the row of the stream take its place', async () => {
    const halo = await device();
    await halo.whenLive();
    let failing = true;
    server.intercept = ({ path }, _request, response) => {
      if (path !== '/v1/mutations' || !failing) return false;
      response.destroy();
      return true;
    };
    const { id, seq } = await halo.report(sampleReport('a bicycle'));
    expect(seq).toBe(1);
    expect(await halo.query(MINE)).toEqual([{ id, description: 'a bicycle', sync_state: 'queued' }]);
    expect(halo.status().outbox).toEqual({ pending: 1, rejected: 0 });
    failing = false;
    await halo.whenSettled();
    expect(await halo.query(MINE)).toEqual([{ id, description: 'a bicycle', sync_state: 'synced' }]);
    server.commit([
      { shape: 'my_reports', operation: 'insert', value: reportRow(id, 'a bicycle, as stored') },
    ]);
    await eventually(async () =>
      expect(await halo.query(MINE)).toEqual([
        { id, description: 'a bicycle, as stored', sync_state: 'synced' },
      ]),
    );
    server.commit([{ shape: 'my_reports', operation: 'delete', value: { id } }]);
    await eventually(async () => expect(await halo.query(MINE)).toEqual([]));
  });

  it('keeps a rejected report for its author, to be mended and sent again', async () => {
    server.judge = ({ args }) =>
      (args as { description: string }).description === 'bad'
        ? { status: 'rejected', code: 'invalid_args', message: 'not this' }
        : { status: 'applied' };
    const halo = await device();
    const { id } = await halo.report(sampleReport('bad'));
    await halo.report(sampleReport('good'));
    await halo.whenSettled();
    const rejection = { code: 'invalid_args', message: 'not this' };
    expect(await halo.outbox.list()).toEqual([expect.objectContaining({ id, state: 'rejected', rejection })]);
    const descriptions = 'SELECT description FROM my_reports';
    expect(await halo.query(descriptions)).toEqual([{ description: 'good' }]);
    const again = await halo.outbox.resend(id, { description: 'mended' });
    expect(again.seq).toBe(3);
    await halo.whenSettled();
    expect(await halo.outbox.list()).toEqual([]);
    expect(server.ledger.get(again.id)).toMatchObject({ status: 'applied', seq: 3 });
  });

  it('refuses a wrong report by naming the field, and queues nothing', async () => {
    const halo = await device();
    const wrong = { ...sampleReport('x'), location: { lat: 91, lon: 0, accuracyM: 1 } };
    await expect(halo.report(wrong)).rejects.toMatchObject({ code: 'invalid_report', field: 'location.lat' });
    expect(await halo.outbox.list()).toEqual([]);
  });

  it('invariant 1: works without a network, keeps the queue over a restart, delivers in order', async () => {
    await server.stop();
    let halo = await device();
    for (let n = 0; n < 5; n += 1) await halo.report(sampleReport(`offline ${n}`));
    await eventually(() => expect(halo.status().network).toBe('offline'));
    await halo.close();
    halo = await device();
    await eventually(() => expect(halo.status().outbox.pending).toBe(5));
    expect(await halo.query(MINE)).toHaveLength(5);
    await halo.close();
    server = new ProtocolServer();
    url = await server.start();
    halo = await device();
    await halo.whenSettled();
    expect([...server.ledger.values()].map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('invariant 1: lost and half answers settle nothing; the queue goes through once', async () => {
    let exchanges = 0;
    server.intercept = ({ path }, _request, response) => {
      if (path !== '/v1/mutations') return false;
      const kind = exchanges++ % 3;
      // Half of an answer that would have settled everything.
      if (kind === 0) response.writeHead(200, { 'content-length': '1000' }).end('{"lastSeq":50,"results":[');
      if (kind === 1) problem(response, 503, 'busy', {});
      return kind !== 2;
    };
    const halo = await device();
    await Promise.all(Array.from({ length: 30 }, (_, n) => halo.report(sampleReport(`no ${n}`))));
    await halo.whenSettled();
    expect(server.ledger.size).toBe(30);
    expect(new Set([...server.ledger.values()].map(({ deviceId }) => deviceId)).size).toBe(1);
  });

  it('sends on what a short answer left out', async () => {
    let failures = 0;
    server.judge = ({ seq }) => {
      if (seq === 4 && failures++ < 2) throw new Error('the server fails on it');
      return { status: 'applied' };
    };
    const halo = await device();
    for (let n = 0; n < 6; n += 1) await halo.report(sampleReport(`no ${n}`));
    await halo.whenSettled();
    expect([...server.ledger.values()].map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(failures).toBe(3);
  });

  it('refreshes an expired token once for all, and resumes where it was', async () => {
    server.commit([incident(1)]);
    const halo = await device();
    await halo.whenLive();
    const refreshes = server.count('/api/v1/auth/refresh');
    const snapshots = () => server.requests.filter(({ query }) => query.get('offset') === '-1').length;
    const before = snapshots();
    server.expireTokens();
    await halo.report(sampleReport('after expiry'));
    await halo.whenSettled();
    server.commit([incident(2)]);
    await eventually(async () => expect(await halo.query('SELECT id FROM incidents')).toHaveLength(2));
    expect(server.count('/api/v1/auth/refresh')).toBe(refreshes + 1);
    expect(server.count('/api/v1/auth/login')).toBe(1);
    expect(snapshots()).toBe(before);
  });

  it('says login_required when the session has ended, keeps the queue, and goes on after the log-in', async () => {
    const halo = await device();
    await halo.whenLive();
    await halo.close();
    server.endSessions();
    const resumed = await device({ auth: { email: AUTH.email } });
    const { id } = await resumed.report(sampleReport('kept'));
    await eventually(() => expect(resumed.status().error?.code).toBe('login_required'));
    expect(await resumed.query(MINE)).toMatchObject([{ id, sync_state: 'queued' }]);
    await resumed.close();
    const again = await device();
    await again.whenSettled();
    expect(server.ledger.get(id)).toMatchObject({ status: 'applied' });
  });

  it('counts on from where a server stands that has lost what it had settled', async () => {
    const halo = await device();
    for (let n = 0; n < 4; n += 1) await halo.report(sampleReport(`no ${n}`));
    await halo.whenSettled();
    const [first] = server.ledger.values();
    server.forget(first!.deviceId, 1);
    const { id, seq } = await halo.report(sampleReport('after the backup was restored'));
    expect(seq).toBe(5);
    await halo.whenSettled();
    expect(server.ledger.get(id)).toMatchObject({ seq: 2, status: 'applied' });
  });

  it('shows a refused batch loudly and lets nothing go', async () => {
    server.intercept = ({ path }, _request, response) => {
      if (path !== '/v1/mutations') return false;
      problem(response, 422, 'mutation_changed');
      return true;
    };
    const halo = await device();
    await halo.report(sampleReport('kept'));
    await eventually(() => expect(halo.status().error?.code).toBe('mutation_changed'));
    expect(halo.status().outbox).toEqual({ pending: 1, rejected: 0 });
    server.intercept = () => false;
    await halo.report(sampleReport('a person acts'));
    await halo.whenSettled();
    expect(halo.status().error).toBeUndefined();
    expect(server.ledger.size).toBe(2);
  });

  it('two accounts on one store see nothing of each other, and the queue waits for its owner', async () => {
    await server.stop();
    const ann = await device();
    await ann.report(sampleReport('of Ann'));
    await ann.close();
    const bob = await device({ auth: { email: 'bob@halo.example', password: 'right password' } });
    expect(await bob.outbox.list()).toEqual([]);
    expect(await bob.query(MINE)).toEqual([]);
    await bob.close();
    const back = await device();
    expect(await back.outbox.list()).toHaveLength(1);
  });

  it('logging out clears the replica, also offline, and asks before unsent reports are lost', async () => {
    server.commit([incident(1)]);
    const halo = await device();
    await halo.whenLive();
    await server.stop();
    await halo.report(sampleReport('unsent'));
    await expect(halo.logout()).rejects.toMatchObject({ code: 'unsent_mutations' });
    expect(await halo.outbox.list()).toHaveLength(1);
    await halo.logout({ unsent: 'discard' });
    await expect(halo.report(sampleReport('late'))).rejects.toMatchObject({ code: 'closed' });
    const after = await device({ auth: { email: AUTH.email } });
    expect(await after.query('SELECT id FROM incidents')).toEqual([]);
    expect(await after.outbox.list()).toEqual([]);
    await eventually(() => expect(after.status().error?.code).toBe('login_required'));
  });

  it('refuses a store that is open already, an unknown shape, and a parameter that is none', async () => {
    await device();
    await expect(device()).rejects.toMatchObject({ code: 'store_in_use' });
    const elsewhere = { store: stores.at(join(dir, 'elsewhere')) };
    await expect(device({ ...elsewhere, shapes: [{ name: 'users' }] })).rejects.toMatchObject({
      code: 'unknown_shape',
    });
    const bad = [{ name: 'incidents', params: { region: '1 OR true' } }];
    await expect(device({ ...elsewhere, shapes: bad })).rejects.toMatchObject({ field: 'region' });
  });

  it('reports and delivers without a replica, and says what is wrong with it', async () => {
    const store = stores.at(join(dir, 'device'));
    const halo = await device({
      store: { ...store, openReplica: () => Promise.reject(new Error('not enough memory')) },
    });
    await halo.report(sampleReport('without a replica'));
    await halo.whenSettled();
    expect(server.ledger.size).toBe(1);
    expect(halo.status().replica).toMatchObject({ state: 'unavailable' });
    await expect(halo.query('SELECT 1')).rejects.toMatchObject({ code: 'replica_unavailable' });
    await expect(halo.whenLive()).rejects.toMatchObject({ code: 'replica_unavailable' });
  });

  it('delivers and streams although the replica was interrupted when the streams began', async () => {
    server.commit([incident(1)]);
    const store = stores.at(join(dir, 'device'));
    let interruptions = 0;
    const halo = await device({
      store: {
        ...store,
        openReplica: async (account) =>
          failing(
            await store.openReplica(account),
            (sql) => sql.includes('local.cursors') && interruptions++ < 2,
          ),
      },
    });
    const { id } = await halo.report(sampleReport('although interrupted'));
    await halo.whenSettled();
    expect(server.ledger.get(id)).toMatchObject({ status: 'applied' });
    await halo.whenLive();
    expect(interruptions).toBeGreaterThan(2);
    await eventually(() => expect(halo.status().replica).toEqual({ state: 'ready' }));
    expect(await halo.query('SELECT id FROM incidents')).toHaveLength(1);
  });

  it('opens the replica although it was interrupted while the pending reports were put in', async () => {
    await server.stop();
    const first = await device();
    await first.report(sampleReport('pending'));
    await first.close();
    const store = stores.at(join(dir, 'device'));
    let interruptions = 0;
    const halo = await device({
      store: {
        ...store,
        openReplica: async (account) => {
          const database = await store.openReplica(account);
          return {
            ...failing(database, () => false),
            async transaction(work) {
              const result = await database.transaction(work);
              interruptions += 1;
              if (interruptions === 2) throw new HaloClientError('replica_interrupted', 'interrupted');
              return result;
            },
          };
        },
      },
    });
    expect(await halo.query(MINE)).toMatchObject([{ description: 'pending', sync_state: 'queued' }]);
    expect(halo.status().replica).toEqual({ state: 'ready' });
    expect(interruptions).toBeGreaterThan(2);
  });

  it('invariant 1: a replica that takes no result holds up no delivery', async () => {
    const store = stores.at(join(dir, 'device'));
    const halo = await device({
      store: {
        ...store,
        openReplica: async (account) =>
          failing(await store.openReplica(account), (sql) => sql.includes('SET settled')),
      },
    });
    await halo.whenLive();
    for (let n = 0; n < 3; n += 1) await halo.report(sampleReport(`no ${n}`));
    await halo.whenSettled();
    expect(server.ledger.size).toBe(3);
    expect(halo.status().replica.error?.code).toBe('replica_failed');
  });

  it('uses tokens from elsewhere, and asks for another when one is refused', async () => {
    const response = await fetch(new URL('/api/v1/auth/login', url), {
      method: 'POST',
      body: JSON.stringify(AUTH),
    });
    const { accessToken } = (await response.json()) as { accessToken: string };
    const tokens = ['stale', accessToken];
    const subject = btoa(JSON.stringify({ sub: 'user-1' }));
    let asked = 0;
    const getToken = async () => (asked++ === 0 ? `x.${subject}.y` : (tokens.shift() ?? accessToken));
    const halo = await device({ auth: { getToken } });
    await halo.report(sampleReport('with a token'));
    await halo.whenSettled();
    expect(server.ledger.size).toBe(1);
  });
});

/** A replica of which the statements that `when` picks fail, as those do whose leading tab has gone. */
function failing(database: ReplicaDatabase, when: (sql: string) => boolean): ReplicaDatabase {
  return {
    query(sql, params) {
      if (when(sql)) return Promise.reject(new HaloClientError('replica_interrupted', 'interrupted'));
      return database.query(sql, params);
    },
    exec: (sql) => database.exec(sql),
    transaction: (work) => database.transaction(work),
    close: () => database.close(),
  };
}

const SHAPE_01 = 'incidents?region=01';
