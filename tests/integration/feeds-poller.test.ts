import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Pool } from '../../server/db/pool.ts';
import { useTestDatabase } from '../support/database.ts';
import { createPoller } from '../../server/feeds/polisen/poller.ts';
import { makePoller, pollerParts, readState, settableClock, useFeedServer } from './feeds-fixtures.ts';

const never = new AbortController().signal;

/** A small feed of events some minutes apart, newest first. */
function event(id: number, change: Record<string, unknown> = {}) {
  return {
    id,
    datetime: `2025-01-01 ${9 + Math.floor(id / 60)}:${String(id % 60).padStart(2, '0')}:00 +01:00`,
    name: `01 januari 08.${String(id).padStart(2, '0')}, Rån, Malmö`,
    summary: `Händelse ${id}.`,
    url: `/${id}`,
    type: 'Rån',
    location: { name: 'Malmö', gps: '55.604981,13.003822' },
    ...change,
  };
}

async function usePoller() {
  const { pool } = await useTestDatabase();
  const server = await useFeedServer();
  const clock = settableClock('2025-01-01T12:00:00Z');
  const parts = await pollerParts(pool, server.url, clock);
  const poller = createPoller(parts);
  return {
    pool,
    unknownTypes: parts.unknownTypes,
    server,
    clock,
    async poll(body: unknown, options?: Parameters<typeof server.serve>[1]) {
      clock.set(new Date(clock.now().getTime() + 300_000).toISOString());
      server.serve(typeof body === 'string' ? body : JSON.stringify(body), options);
      return poller.poll(never);
    },
  };
}

async function reportOf(pool: Pool, id: number) {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT i.kind, i.version, i.withdrawn_at IS NOT NULL AS gone, r.id, r.type, r.severity, r.status,
       r.raw_type, r.municipality, r.description, n.type AS incident_type, n.municipality AS incident_place,
       n.report_count, n.verification, n.official
     FROM feed_items i LEFT JOIN reports r ON r.id = i.report_id LEFT JOIN incidents n ON n.id = r.incident_id
     WHERE i.source_id = $1`,
    [String(id)],
  );
  return rows[0];
}

describe('the poller of polisen.se', () => {
  it('asks conditionally for what it holds, says who it is, and never names the tag of an anomalous answer', async () => {
    const { pool, server, poll } = await usePoller();
    const list = [event(2), event(1)];
    await poll(list, { etag: '"one"' });
    expect(server.requests[0]).toMatchObject({
      'user-agent': expect.stringMatching(/^Halo\/0\.0\.0-test /) as string,
    });
    expect(server.requests[0]).not.toHaveProperty('if-none-match');
    expect(await poll(list, { etag: '"one"' })).toMatchObject({ outcome: 'unchanged' });
    expect(await poll('', { etag: '"empty"' })).toMatchObject({ reason: 'empty_body' });
    expect(await poll('oh', { status: 500, etag: '"error"' })).toMatchObject({ reason: 'feed_http_status' });
    expect(await poll(list, { etag: '"one"' })).toMatchObject({ outcome: 'unchanged' });
    expect(server.requests.slice(1).map((headers) => headers['if-none-match'])).toEqual(
      Array(4).fill('"one"'),
    );
    const { rows } = await pool.query(
      'SELECT outcome, reason, http_status, items_new FROM feed_polls ORDER BY started_at',
    );
    expect(rows).toEqual([
      { outcome: 'applied', reason: null, http_status: 200, items_new: 2 },
      { outcome: 'unchanged', reason: null, http_status: 304, items_new: 0 },
      { outcome: 'anomalous', reason: 'empty_body', http_status: 200, items_new: 0 },
      { outcome: 'failed', reason: 'feed_http_status', http_status: 500, items_new: 0 },
      { outcome: 'unchanged', reason: null, http_status: 304, items_new: 0 },
    ]);
  });

  it('asks by the date where the source gives no tag', async () => {
    const { server, poll } = await usePoller();
    const lastModified = 'Wed, 01 Jan 2025 12:00:00 GMT';
    await poll([event(1)], { lastModified });
    expect(await poll([event(1)], { lastModified })).toMatchObject({ outcome: 'unchanged' });
    expect(server.requests.map((headers) => headers['if-modified-since'])).toEqual([undefined, lastModified]);
  });

  it('makes reports of incidents only', async () => {
    const { pool, poll } = await usePoller();
    await poll([event(3), event(2, { type: 'Sammanfattning natt' }), event(1, { type: 'Trafikkontroll' })]);
    expect(await reportOf(pool, 3)).toMatchObject({
      kind: 'incident',
      type: 'robbery',
      raw_type: 'Rån',
      municipality: '1280',
      verification: 'verified',
      official: true,
    });
    expect(await reportOf(pool, 2)).toMatchObject({ kind: 'summary', id: null });
    expect(await reportOf(pool, 1)).toMatchObject({ kind: 'notice', id: null });
  });

  it('counts each item of a type that it does not know once, as an incident of another type', async () => {
    const { pool, unknownTypes, poll } = await usePoller();
    const list = [event(3, { type: 'Dimma' }), event(2, { type: 'Dimma' }), event(1)];
    await poll(list);
    await poll(list);
    expect(await reportOf(pool, 3)).toMatchObject({ kind: 'incident', type: 'other', raw_type: 'Dimma' });
    expect(unknownTypes.list()).toEqual([['Dimma', 2]]);
    await poll([event(3, { type: 'Dimma', summary: 'Tät dimma.' }), event(2, { type: 'Brand' }), event(1)]);
    expect(unknownTypes.total).toBe(3);
  });

  it('revises report and incident when the type or the place is edited', async () => {
    const { pool, poll } = await usePoller();
    await poll([event(2, { type: 'Skottlossning' }), event(1)]);
    const edited = event(2, {
      type: 'Mord/dråp',
      summary: 'En man är död.',
      name: '01 januari 08.02, Mord/dråp, Lund',
      location: { name: 'Lund', gps: '55.70466,13.191007' },
    });
    expect(await poll([edited, event(1)])).toMatchObject({ counts: { changed: 1, added: 0 } });
    expect(await reportOf(pool, 2)).toMatchObject({
      version: 2,
      type: 'homicide',
      severity: 5,
      municipality: '1281',
      description: 'En man är död.',
      incident_type: 'homicide',
      incident_place: '1281',
      report_count: 1,
    });
  });

  it('withdraws the report of an item that stops being an incident, and makes one for an item that becomes one', async () => {
    const { pool, poll } = await usePoller();
    await poll([event(2), event(1, { type: 'Information' })]);
    await poll([event(2, { type: 'Uppdatering' }), event(1, { type: 'Brand' })]);
    expect(await reportOf(pool, 2)).toMatchObject({ kind: 'notice', id: null, version: 2 });
    expect(await reportOf(pool, 1)).toMatchObject({ kind: 'incident', type: 'fire', status: 'active' });
    const { rows } = await pool.query(`SELECT type FROM reports WHERE status = 'withdrawn'`);
    expect(rows).toEqual([{ type: 'robbery' }]);
  });

  it('withdraws what a full window lacks, and takes it back when it is there again', async () => {
    const { pool, poll } = await usePoller();
    await poll([event(3), event(2), event(1)]);
    const before = await reportOf(pool, 2);
    expect(await poll([event(3), event(1)])).toMatchObject({ counts: { withdrawn: 1 } });
    expect(await reportOf(pool, 2)).toMatchObject({ gone: true, status: 'withdrawn' });
    await poll([event(3), event(2), event(1)]);
    expect(await reportOf(pool, 2)).toMatchObject({
      gone: false,
      status: 'active',
      version: 1,
      id: before?.['id'],
    });
  });

  it('takes no absence as proved when an item hides its key, nor an unusable item as absent', async () => {
    const { pool, poll } = await usePoller();
    await poll([event(4), event(3), event(2), event(1)]);
    await poll([event(4), { ...event(3), id: null }, event(2), event(1)]);
    expect((await readState(pool)).withdrawn).toEqual([]);
    await poll([event(4), event(3, { name: 7 }), event(2), event(1)]);
    expect((await readState(pool)).withdrawn).toEqual([]);
    await poll([event(4), event(2), event(1)]);
    expect((await readState(pool)).withdrawn).toEqual([3]);
  });

  it('goes on after a poll that was made while a clock was far ahead', async () => {
    const { pool, server, clock, poll } = await usePoller();
    const present = clock.now().toISOString();
    clock.set('2031-01-01T12:00:00Z');
    expect(await poll([event(3), event(2), event(1)], { etag: '"ahead"' })).toMatchObject({
      outcome: 'applied',
    });
    clock.set(present);
    expect(await poll([event(4), event(3), event(1)], { etag: '"now"' })).toMatchObject({
      outcome: 'applied',
      counts: { added: 1, withdrawn: 1 },
    });
    expect(await reportOf(pool, 2)).toMatchObject({ gone: true });
    expect(await poll([event(5), event(4), event(3), event(1)])).toMatchObject({ counts: { added: 1 } });
    // The source is never told of the answer from ahead: what it had then may come back.
    expect(server.requests.map((headers) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      '"now"',
    ]);
  });

  it('does not apply a window that was asked for before the last one', async () => {
    const { clock, poll } = await usePoller();
    expect(await poll([event(2), event(1)])).toMatchObject({ outcome: 'applied' });
    clock.set(new Date(clock.now().getTime() - 420_000).toISOString());
    expect(await poll([event(1)])).toMatchObject({ outcome: 'anomalous', reason: 'overtaken' });
  });

  it('records a source that cannot be reached, and one that answers too much', async () => {
    const { pool } = await useTestDatabase();
    const clock = settableClock('2025-01-01T12:00:00Z');
    const nobody = await makePoller(pool, 'http://127.0.0.1:9/', clock);
    expect(await nobody.poll(never)).toMatchObject({ outcome: 'failed', reason: 'feed_unreachable' });
    const server = await useFeedServer();
    server.serve(Buffer.alloc(9 * 1024 * 1024, 0x20));
    const bomb = await makePoller(pool, server.url, clock);
    expect(await bomb.poll(never)).toMatchObject({ outcome: 'failed', reason: 'feed_too_large' });
  });

  it('gives up a request when it is stopped, and records nothing', async () => {
    const { pool } = await useTestDatabase();
    const server = await useFeedServer();
    server.serve('[]', { delayMs: 600_000 });
    const poller = await makePoller(pool, server.url, settableClock('2025-01-01T12:00:00Z'));
    const controller = new AbortController();
    const polling = poller.poll(controller.signal);
    setTimeout(() => controller.abort(new Error('stopped')), 50);
    await expect(polling).rejects.toThrow('stopped');
    expect((await pool.query('SELECT id FROM feed_polls')).rows).toEqual([]);
  });

  it('reads a file', async () => {
    const { pool } = await useTestDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'halo-feed-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'events.json');
    const poller = await makePoller(pool, pathToFileURL(file).href, settableClock('2025-01-01T12:00:00Z'));
    expect(await poller.poll(never)).toMatchObject({ outcome: 'failed', reason: 'feed_file_unreadable' });
    writeFileSync(file, JSON.stringify([event(1)]));
    expect(await poller.poll(never)).toMatchObject({ outcome: 'applied', counts: { added: 1 } });
  });
});
