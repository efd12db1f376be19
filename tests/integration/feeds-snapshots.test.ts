import { describe, expect, it } from 'vitest';
import type { Pool } from '../../server/db/pool.ts';
import { useTestDatabase } from '../support/database.ts';
import { hasSharedData } from '../support/shared-data.ts';
import {
  makePoller,
  readManifest,
  readSnapshot,
  readState,
  settableClock,
  snapshotFiles,
  useFeedServer,
} from './feeds-fixtures.ts';
import type { RawEvent } from './feeds-fixtures.ts';

/** Thousands of statements, on a machine that may be busy. */
const TIMEOUT_MS = 240_000;
const never = new AbortController().signal;

/** Events as the snapshots and their manifest say they must be, worked out without any of Halo's code. */
function createExpectation() {
  const newest = new Map<number, RawEvent>();
  const versions = new Map<number, number>();
  const withdrawn = new Set<number>();
  return {
    newest,
    versions,
    withdrawn,
    take(events: readonly RawEvent[], removed: readonly number[]) {
      for (const event of events) {
        const before = newest.get(event.id);
        const isOther = JSON.stringify(before) !== JSON.stringify(event);
        if (isOther) versions.set(event.id, (versions.get(event.id) ?? 0) + 1);
        newest.set(event.id, event);
        withdrawn.delete(event.id);
      }
      for (const id of removed) withdrawn.add(id);
    },
  };
}

const sorted = (ids: Iterable<number>) => [...ids].toSorted((a, b) => a - b);

describe.skipIf(!hasSharedData('data', 'polisen'))(
  'recorded answers of polisen.se',
  { timeout: TIMEOUT_MS },
  () => {
    it('give exactly the events, versions and withdrawals of the manifest, anomalous answers between them', async () => {
      const { pool } = await useTestDatabase();
      const server = await useFeedServer();
      const clock = settableClock('2024-12-02T00:00:00Z');
      const poller = await makePoller(pool, server.url, clock);
      const expected = createExpectation();
      const foreignFiles = snapshotFiles('snapshots-anomalous');
      const foreign = [...foreignFiles];
      let windowBefore = new Set<number>();

      for (const [index, entry] of readManifest().entries()) {
        clock.set(entry.committed_at);
        const bytes = readSnapshot('snapshots', entry.file);
        server.serve(bytes);
        const result = await poller.poll(never);
        if (entry.kind === 'empty') {
          expect(result).toMatchObject({ outcome: 'anomalous', reason: 'empty_body' });
          continue;
        }
        const events = JSON.parse(bytes.toString()) as RawEvent[];
        const idsBefore = new Set(expected.newest.keys());
        expected.take(events, entry.removed_mid_window ?? []);

        const state = await readState(pool);
        expect(state.ids).toEqual(sorted(expected.newest.keys()));
        expect(state.versions).toEqual(
          new Map(sorted(expected.versions.keys()).map((id) => [id, expected.versions.get(id)])),
        );
        expect(state.withdrawn).toEqual(sorted(expected.withdrawn));

        // The manifest calls new whatever was not in the answer before; some of those were known already.
        const entered = sorted(events.map(({ id }) => id).filter((id) => !windowBefore.has(id)));
        if (index > 0) expect(entered).toEqual(entry.new);
        expect(result.counts).toEqual({
          items: 500,
          added: entered.filter((id) => !idsBefore.has(id)).length,
          changed: entry.changed?.length ?? 0,
          withdrawn: entry.removed_mid_window?.length ?? 0,
        });
        windowBefore = new Set(events.map(({ id }) => id));

        const file = index % 3 === 2 ? foreign.shift() : undefined;
        if (file !== undefined) {
          server.serve(readSnapshot('snapshots-anomalous', file));
          expect(await poller.poll(never)).toMatchObject({ outcome: 'anomalous', reason: 'single_type' });
          expect(await readState(pool)).toEqual(state);
        }
      }
      const { payloads } = await readState(pool);
      for (const [id, event] of expected.newest) expect(payloads.get(id)).toEqual(event);
      const { rows } = await pool.query(
        `SELECT reason, count(*)::integer AS polls FROM feed_polls WHERE outcome = 'anomalous'
       GROUP BY reason ORDER BY reason`,
      );
      expect(rows).toEqual([
        { reason: 'empty_body', polls: 1 },
        { reason: 'single_type', polls: foreignFiles.length },
      ]);
      await expectReportsInLine(pool);
    });

    it('lose nothing when polls fail for hours', async () => {
      const { pool } = await useTestDatabase();
      const server = await useFeedServer();
      const clock = settableClock('2024-12-02T00:00:00Z');
      const poller = await makePoller(pool, server.url, clock);
      const expected = createExpectation();
      const before = new Set<number>();
      const present = new Set<number>();
      for (const [index, entry] of readManifest().entries()) {
        if (entry.kind === 'empty' || (index >= 10 && index <= 30)) continue;
        const bytes = readSnapshot('snapshots', entry.file);
        const events = JSON.parse(bytes.toString()) as RawEvent[];
        // The manifest compares with the answer before; after the gap that is another one.
        const removed = index === 31 ? [] : (entry.removed_mid_window ?? []);
        expected.take(events, removed);
        clock.set(entry.committed_at);
        if (index === 9) {
          server.serve('', { status: 502 });
          expect(await poller.poll(never)).toMatchObject({ outcome: 'failed', reason: 'feed_http_status' });
          for (const { id } of events) before.add(id);
        }
        if (index === 31) for (const { id } of events) present.add(id);
        server.serve(bytes);
        expect((await poller.poll(never)).reason).toBeNull();
      }
      const state = await readState(pool);
      expect(state.ids).toEqual(sorted(expected.newest.keys()));
      // Withdrawn within the gap, of what was known before it; the first answer after it proves them all.
      const manifest = readManifest();
      const withinGap = manifest.slice(10, 32).flatMap((entry) => entry.removed_mid_window ?? []);
      const provable = withinGap.filter((id) => before.has(id) && !present.has(id));
      expect(provable.length).toBeGreaterThan(0);
      expect(state.withdrawn).toEqual(sorted(new Set([...expected.withdrawn, ...provable])));
    });

    it('place the events of 2026 in the municipality that only their name says', async () => {
      const { pool } = await useTestDatabase();
      const server = await useFeedServer();
      const clock = settableClock('2026-08-20T13:00:00Z');
      const poller = await makePoller(pool, server.url, clock);
      const expected = createExpectation();
      for (const file of snapshotFiles('snapshots-2026')) {
        const [, year, month, day, hour, minute, second] =
          /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(file) ?? [];
        clock.set(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
        const bytes = readSnapshot('snapshots-2026', file);
        expected.take(JSON.parse(bytes.toString()) as RawEvent[], []);
        server.serve(bytes);
        expect((await poller.poll(never)).reason).toBeNull();
      }
      expect((await readState(pool)).ids).toEqual(sorted(expected.newest.keys()));
      expect((await readState(pool)).withdrawn).toEqual([]);
      const { rows } = await pool.query<{ name: string; place: string | null; county: string }>(
        `SELECT i.payload ->> 'name' AS name, m.name AS place, c.name AS county
       FROM feed_items i JOIN areas c ON c.code = i.region LEFT JOIN areas m ON m.code = i.municipality`,
      );
      for (const { name, place, county } of rows) {
        const last = name.slice(name.lastIndexOf(',') + 1).trim();
        expect((place ?? county).toLowerCase()).toBe(last.toLowerCase());
      }
      expect(rows.filter(({ place }) => place !== null).length).toBeGreaterThan(300);
      await expectReportsInLine(pool);
    });
  },
);

/** Incidents have a report that says the same, all others have none, and withdrawn ones count nowhere. */
async function expectReportsInLine(pool: Pool): Promise<void> {
  const { rows } = await pool.query(
    `SELECT i.source_id FROM feed_items i LEFT JOIN reports r ON r.id = i.report_id
     WHERE (i.kind = 'incident') IS DISTINCT FROM (r.id IS NOT NULL)
        OR r.id IS NOT NULL AND (
          r.source <> 'official' OR r.raw_type <> btrim(i.raw_type)
          OR (r.status = 'withdrawn') <> (i.withdrawn_at IS NOT NULL)
          OR r.occurred_at <> coalesce(i.occurred_at, i.published_at)
          OR r.region IS DISTINCT FROM i.region OR r.municipality IS DISTINCT FROM i.municipality
          OR r.incident_id IS NULL)`,
  );
  expect(rows).toEqual([]);
  const counted = await pool.query(
    `SELECT n.id FROM incidents n WHERE n.report_count <>
       (SELECT count(*) FROM reports r WHERE r.incident_id = n.id AND r.status = 'active')`,
  );
  expect(counted.rows).toEqual([]);
  const reports = await pool.query<{ reports: number }>('SELECT count(*)::integer AS reports FROM reports');
  expect(reports.rows[0]?.reports).toBeGreaterThan(200);
}
