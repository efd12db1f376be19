import { describe, expect, it } from 'vitest';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import { eventually } from '../support/eventually.ts';
import { AUTH, SHAPES, useClients } from './client-fixtures.ts';
import { problem } from './client-protocol-server.ts';
import { incident, numberedId, reportRow, sampleReport } from './client-samples.ts';

const clients = useClients();
const INCIDENTS = 'incidents?region=01';
const HOUR = 3_600_000;

const outcomes = async (halo: Halo) =>
  Object.fromEntries(
    (await halo.verify()).map(({ shape, outcome, rebuilt }) => [shape, { outcome, rebuilt }]),
  );
const snapshots = () =>
  clients.server.requests.filter(({ query }) => query.get('offset') === '-1').map(({ path }) => path);
const EQUAL = { outcome: 'equal', rebuilt: false };

describe('comparing the rows with the server', () => {
  it('finds them equal, or fetches those that differ again without ever showing none', async () => {
    clients.server.commit([incident(1), incident(2), incident(3)]);
    clients.server.commit([
      { shape: 'my_reports', operation: 'insert', value: reportRow(numberedId(9), '') },
    ]);
    const halo = await clients.device();
    await halo.whenLive();
    const allEqual = { [INCIDENTS]: EQUAL, my_reports: EQUAL, my_mutations: EQUAL };
    expect(await outcomes(halo)).toEqual(allEqual);
    const status = () => halo.status().streams.find(({ shape }) => shape === INCIDENTS)!;
    expect(status().verification).toMatchObject({ outcome: 'equal', device: 3, server: 3 });

    const seen: number[] = [];
    halo.live('SELECT count(*)::int AS n FROM incidents', [], ([row]) => seen.push(row!['n'] as number));
    await halo.query(`UPDATE synced.incidents SET severity = 1 WHERE id = '${numberedId(1)}'`);
    const before = snapshots();
    expect(await outcomes(halo)).toEqual({
      ...allEqual,
      [INCIDENTS]: { outcome: 'different', rebuilt: true },
    });
    expect(status().verification).toMatchObject({ outcome: 'different', device: 3, server: 3 });
    await halo.whenLive();
    expect(snapshots().slice(before.length)).toEqual(['/v1/shapes/incidents']);
    expect(await halo.query('SELECT DISTINCT severity FROM incidents')).toEqual([{ severity: 3 }]);
    expect(await outcomes(halo)).toEqual(allEqual);

    // One that is missing; the others go on meanwhile.
    await halo.query(`DELETE FROM synced.incidents WHERE id = '${numberedId(2)}'`);
    clients.server.commit([incident(4)]);
    await eventually(async () => expect(await halo.query('SELECT id FROM incidents')).toHaveLength(3));
    expect(await outcomes(halo)).toMatchObject({ [INCIDENTS]: { outcome: 'different', rebuilt: true } });
    await halo.whenLive();
    expect(await halo.query('SELECT id FROM incidents')).toHaveLength(4);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(2);
    // The server heard of it.
    const told = clients.server.requests.filter(({ path }) => path === '/v1/shapes/incidents/checksum');
    expect(told.map(({ query }) => query.get('rows'))).toEqual(['3', '3', '3', '3']);
  });

  it('invariant 7: lets go of what was answered and is never told of, by a server that has forgotten it', async () => {
    let aheadMs = 0;
    const environment = { ...realEnvironment, now: () => Date.now() + aheadMs };
    const store = nodeStore(`${clients.dir}/device`);
    const halo = await openHalo({ url: clients.url, store, auth: AUTH, shapes: SHAPES }, environment);
    const shown: unknown[] = [];
    try {
      await halo.whenLive();
      halo.live('SELECT id FROM my_reports', [], (rows) => void shown.push(rows.map(({ id }) => id)));
      // Applied, says the server, and no row of it ever comes.
      const { id } = await halo.report(sampleReport('forgotten'));
      await halo.whenSettled();
      const rows = () => halo.query('SELECT id::text FROM my_reports');
      for (const minutes of [0, 9]) {
        aheadMs = minutes * 60_000;
        await halo.verify();
        expect(await rows()).toEqual([{ id }]);
      }
      const { id: late } = await halo.report(sampleReport('not told yet'));
      await halo.whenSettled();
      aheadMs = 11 * 60_000;
      await halo.verify();
      expect(await rows()).toEqual([{ id: late }]);
      await eventually(() => expect(shown.at(-1)).toEqual([late]));
      clients.server.commit([{ shape: 'my_reports', operation: 'insert', value: reportRow(late, 'told') }]);
      await eventually(async () =>
        expect(await halo.query('SELECT description FROM my_reports')).toEqual([{ description: 'told' }]),
      );
      aheadMs = 99 * 60_000;
      await halo.verify();
      expect(await rows()).toEqual([{ id: late }]);
    } finally {
      await halo.close();
    }
  });

  it('minds neither how an app has times written, nor pending reports', async () => {
    clients.server.commit([incident(1)]);
    const halo = await clients.device();
    await halo.whenLive();
    await halo.query(`SET TimeZone = 'Asia/Kathmandu'`);
    await halo.query(`SET DateStyle = 'German'`);
    expect(await outcomes(halo)).toMatchObject({ [INCIDENTS]: EQUAL, my_reports: EQUAL });
    expect(await halo.query('SHOW TimeZone')).toEqual([{ TimeZone: 'Asia/Kathmandu' }]);
  });

  it('says why where nothing can be compared, and fetches nothing', async () => {
    const halo = await clients.device();
    await halo.whenLive();
    const before = snapshots();
    const answers: [number, string][] = [
      [404, 'not_found'],
      [503, 'busy'],
      [409, 'position_unknown'],
    ];
    for (const [status, code] of answers) {
      clients.server.intercept = ({ path }, _request, response) => {
        if (!path.endsWith('/checksum')) return false;
        problem(response, status, code);
        return true;
      };
      const [first] = await halo.verify();
      expect(first).toMatchObject({ outcome: 'not_compared', rebuilt: false, error: { code } });
    }
    clients.server.intercept = () => false;
    await clients.server.stop();
    expect((await halo.verify())[0]).toMatchObject({ error: { code: 'unreachable' } });
    expect(snapshots()).toEqual(before);
    const store = nodeStore(`${clients.dir}/other`);
    const without = await clients.device({
      store: { ...store, openReplica: () => Promise.reject(new Error('not enough memory')) },
    });
    await expect(without.verify()).rejects.toMatchObject({ code: 'replica_unavailable' });
  });

  it('happens once a day by itself, and fetches what differs again no more often, should that not help', async () => {
    clients.server.commit([incident(1)]);
    const clock = passingClock();
    const store = nodeStore(`${clients.dir}/device`);
    const halo = await openHalo({ url: clients.url, store, auth: AUTH, shapes: SHAPES }, clock.environment);
    const checks = (shape: string) => clients.server.count(`/v1/shapes/${shape}/checksum`);
    try {
      await halo.whenLive();
      await clock.passes(48 * HOUR);
      expect(checks('incidents')).toBeGreaterThanOrEqual(1);
      expect(checks('incidents')).toBeLessThanOrEqual(3);
      expect(snapshots()).toHaveLength(3);
      // A server that is wrong itself: the rows never become what it says.
      clients.server.intercept = ({ path }, _request, response) => {
        if (path !== '/v1/shapes/incidents/checksum') return false;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ rows: 5, digest: '0123456789abcdef' }));
        return true;
      };
      const before = checks('my_reports');
      await clock.passes(48 * HOUR);
      expect(snapshots().length - 3).toBeGreaterThanOrEqual(1);
      expect(snapshots().length - 3).toBeLessThanOrEqual(3);
      expect(checks('my_reports') - before).toBeLessThanOrEqual(3);
      expect(halo.status().streams[0]!.verification).toMatchObject({ outcome: 'different', server: 5 });
    } finally {
      await halo.close();
    }
  });

  it('does not happen by itself while there is no contact', async () => {
    const clock = passingClock();
    const store = nodeStore(`${clients.dir}/device`);
    const halo = await openHalo({ url: clients.url, store, auth: AUTH, shapes: SHAPES }, clock.environment);
    try {
      await halo.whenLive();
      await clients.server.stop();
      await eventually(() => halo.status().streams.every(({ state }) => state !== 'live'));
      const before = clients.server.requests.length;
      await clock.passes(48 * HOUR);
      expect(clients.server.requests).toHaveLength(before);
      expect(halo.status().streams[0]!.verification).toBeUndefined();
    } finally {
      await halo.close();
    }
  });
});

/** A clock that stands while nobody waits for long, and is moved by those who do: waits of a minute and more. */
function passingClock() {
  let now = Date.now();
  let until = now;
  let onEnd = () => {};
  const environment = {
    ...realEnvironment,
    now: () => now,
    async sleep(ms: number, signal?: AbortSignal) {
      if (ms < 59_000) return realEnvironment.sleep(ms, signal);
      while (now >= until && signal?.aborted !== true) {
        onEnd();
        await realEnvironment.sleep(20, signal);
      }
      now += ms;
      await realEnvironment.sleep(1, signal);
    },
  };
  return {
    environment,
    async passes(ms: number) {
      until = now + ms;
      await new Promise<void>((resolve) => (onEnd = () => now >= until && resolve()));
      onEnd = () => {};
    },
  };
}
