import { join } from 'node:path';
import { nodeStore } from '@halo/client/node';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { AUTH, useClients } from './client-fixtures.ts';
import { problem } from './client-protocol-server.ts';
import { incident, MINE, numberedId, reportRow, sampleReport } from './client-samples.ts';

const clients = useClients();

describe('the client against a server that speaks the protocol', () => {
  it('reads a snapshot, follows the log, and tells live queries', async () => {
    clients.server.commit([incident(1), incident(2)]);
    const halo = await clients.device();
    await halo.whenLive();
    const seen: unknown[][] = [];
    const stop = halo.live('SELECT severity FROM incidents ORDER BY id', [], (rows) => seen.push(rows));
    await eventually(() => expect(seen.at(-1)).toEqual([{ severity: 3 }, { severity: 3 }]));
    clients.server.commit([
      { shape: SHAPE_01, operation: 'update', value: { id: numberedId(1), severity: '5' } },
      { shape: SHAPE_01, operation: 'delete', value: { id: numberedId(2) } },
      incident(3),
    ]);
    await eventually(() => expect(seen.at(-1)).toEqual([{ severity: 5 }, { severity: 3 }]));
    stop();
    expect(halo.status()).toMatchObject({ network: 'online', replica: { state: 'ready' }, error: undefined });
  });

  it('invariant 7: what two shapes got in one transaction is seen at once, with no help of the server', async () => {
    const halo = await clients.device();
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
      clients.server.commit(n % 2 === 0 ? [incident(n), report] : [report, incident(n)]);
      await new Promise((resolve) => setTimeout(resolve, n % 5));
    }
    await eventually(() => expect(halves.at(-1)).toEqual({ i: 20, r: 20 }));
    for (const half of halves as { i: number; r: number }[]) expect(half.i).toBe(half.r);
  });

  it('shows a report at once, delivers it, and lets the row of the stream take its place', async () => {
    const halo = await clients.device();
    await halo.whenLive();
    let failing = true;
    clients.server.intercept = ({ path }, _request, response) => {
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
    clients.server.commit([
      { shape: 'my_reports', operation: 'insert', value: reportRow(id, 'a bicycle, as stored') },
    ]);
    await eventually(async () =>
      expect(await halo.query(MINE)).toEqual([
        { id, description: 'a bicycle, as stored', sync_state: 'synced' },
      ]),
    );
    clients.server.commit([{ shape: 'my_reports', operation: 'delete', value: { id } }]);
    await eventually(async () => expect(await halo.query(MINE)).toEqual([]));
  });

  it('keeps a rejected report for its author, to be mended and sent again', async () => {
    clients.server.judge = ({ args }) =>
      (args as { description: string }).description === 'bad'
        ? { status: 'rejected', code: 'invalid_args', message: 'not this' }
        : { status: 'applied' };
    const halo = await clients.device();
    const { id } = await halo.report(sampleReport('bad'));
    await halo.report(sampleReport('good'));
    await halo.whenSettled();
    const rejection = { code: 'invalid_args', message: 'not this' };
    expect(await halo.outbox.list()).toEqual([expect.objectContaining({ id, state: 'rejected', rejection })]);
    const descriptions = 'SELECT description FROM my_reports';
    expect(await halo.query(descriptions)).toEqual([{ description: 'good' }]);
    // A finger that taps twice sends it once.
    const [first, second] = await Promise.allSettled([
      halo.outbox.resend(id, { description: 'mended' }),
      halo.outbox.resend(id, { description: 'mended' }),
    ]);
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'not_rejected' } });
    const again = (first as PromiseFulfilledResult<{ id: string; seq: number }>).value;
    expect(again.seq).toBe(3);
    await halo.whenSettled();
    expect(await halo.outbox.list()).toEqual([]);
    expect(clients.server.ledger.size).toBe(3);
    expect(clients.server.ledger.get(again.id)).toMatchObject({ status: 'applied', seq: 3 });
  });

  it('refuses a wrong report by naming the field, and queues nothing', async () => {
    const halo = await clients.device();
    const wrong = { ...sampleReport('x'), location: { lat: 91, lon: 0, accuracyM: 1 } };
    await expect(halo.report(wrong)).rejects.toMatchObject({ code: 'invalid_report', field: 'location.lat' });
    expect(await halo.outbox.list()).toEqual([]);
  });

  it('invariant 1: works without a network, keeps the queue over a restart, delivers in order', async () => {
    await clients.server.stop();
    let halo = await clients.device();
    for (let n = 0; n < 5; n += 1) await halo.report(sampleReport(`offline ${n}`));
    await eventually(() => expect(halo.status().network).toBe('offline'));
    await halo.close();
    halo = await clients.device();
    await eventually(() => expect(halo.status().outbox.pending).toBe(5));
    expect(await halo.query(MINE)).toHaveLength(5);
    await halo.close();
    await clients.newServer();
    halo = await clients.device();
    await halo.whenSettled();
    expect([...clients.server.ledger.values()].map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('invariant 1: lost and half answers settle nothing; the queue goes through once', async () => {
    let exchanges = 0;
    clients.server.intercept = ({ path }, _request, response) => {
      if (path !== '/v1/mutations') return false;
      const kind = exchanges++ % 3;
      // Half of an answer that would have settled everything.
      if (kind === 0) response.writeHead(200, { 'content-length': '1000' }).end('{"lastSeq":50,"results":[');
      if (kind === 1) problem(response, 503, 'busy', {});
      return kind !== 2;
    };
    const halo = await clients.device();
    await Promise.all(Array.from({ length: 30 }, (_, n) => halo.report(sampleReport(`no ${n}`))));
    await halo.whenSettled();
    expect(clients.server.ledger.size).toBe(30);
    expect(new Set([...clients.server.ledger.values()].map(({ deviceId }) => deviceId)).size).toBe(1);
  });

  it('sends on what a short answer left out', async () => {
    let failures = 0;
    clients.server.judge = ({ seq }) => {
      if (seq === 4 && failures++ < 2) throw new Error('the server fails on it');
      return { status: 'applied' };
    };
    const halo = await clients.device();
    for (let n = 0; n < 6; n += 1) await halo.report(sampleReport(`no ${n}`));
    await halo.whenSettled();
    expect([...clients.server.ledger.values()].map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(failures).toBe(3);
  });

  it('refreshes an expired token once for all, and resumes where it was', async () => {
    clients.server.commit([incident(1)]);
    const halo = await clients.device();
    await halo.whenLive();
    const refreshes = clients.server.count('/api/v1/auth/refresh');
    const snapshots = () =>
      clients.server.requests.filter(({ query }) => query.get('offset') === '-1').length;
    const before = snapshots();
    clients.server.expireTokens();
    await halo.report(sampleReport('after expiry'));
    await halo.whenSettled();
    clients.server.commit([incident(2)]);
    await eventually(async () => expect(await halo.query('SELECT id FROM incidents')).toHaveLength(2));
    expect(clients.server.count('/api/v1/auth/refresh')).toBe(refreshes + 1);
    expect(clients.server.count('/api/v1/auth/login')).toBe(1);
    expect(snapshots()).toBe(before);
  });

  it('says login_required when the session has ended, keeps the queue, and goes on after the log-in', async () => {
    const halo = await clients.device();
    await halo.whenLive();
    await halo.close();
    clients.server.endSessions();
    const resumed = await clients.device({ auth: { email: AUTH.email } });
    const { id } = await resumed.report(sampleReport('kept'));
    await eventually(() => expect(resumed.status().error?.code).toBe('login_required'));
    expect(await resumed.query(MINE)).toMatchObject([{ id, sync_state: 'queued' }]);
    await resumed.close();
    const again = await clients.device();
    await again.whenSettled();
    expect(clients.server.ledger.get(id)).toMatchObject({ status: 'applied' });
  });

  it('counts on from where a server stands that has lost what it had settled', async () => {
    const halo = await clients.device();
    for (let n = 0; n < 4; n += 1) await halo.report(sampleReport(`no ${n}`));
    await halo.whenSettled();
    const [first] = clients.server.ledger.values();
    clients.server.forget(first!.deviceId, 1);
    const { id, seq } = await halo.report(sampleReport('after the backup was restored'));
    expect(seq).toBe(5);
    await halo.whenSettled();
    expect(clients.server.ledger.get(id)).toMatchObject({ seq: 2, status: 'applied' });
  });

  it('shows a refused batch loudly and lets nothing go', async () => {
    clients.server.intercept = ({ path }, _request, response) => {
      if (path !== '/v1/mutations') return false;
      problem(response, 422, 'mutation_changed');
      return true;
    };
    const halo = await clients.device();
    await halo.report(sampleReport('kept'));
    await eventually(() => expect(halo.status().error?.code).toBe('mutation_changed'));
    expect(halo.status().outbox).toEqual({ pending: 1, rejected: 0 });
    clients.server.intercept = () => false;
    await halo.report(sampleReport('a person acts'));
    await halo.whenSettled();
    expect(halo.status().error).toBeUndefined();
    expect(clients.server.ledger.size).toBe(2);
  });

  it('refuses a store that is open already, an unknown shape, and a parameter that is none', async () => {
    await clients.device();
    await expect(clients.device()).rejects.toMatchObject({ code: 'store_in_use' });
    const elsewhere = { store: nodeStore(join(clients.dir, 'elsewhere')) };
    await expect(clients.device({ ...elsewhere, shapes: [{ name: 'users' }] })).rejects.toMatchObject({
      code: 'unknown_shape',
    });
    const bad = [{ name: 'incidents', params: { region: '1 OR true' } }];
    await expect(clients.device({ ...elsewhere, shapes: bad })).rejects.toMatchObject({ field: 'region' });
  });
});

const SHAPE_01 = 'incidents?region=01';
