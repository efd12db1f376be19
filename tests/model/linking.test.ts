import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { inTransaction } from '../../server/db/transaction.ts';
import { retryTransient } from '../../server/db/retry-transient.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { groupReports } from '../../server/reports/groups.ts';
import { summariseIncident } from '../../server/reports/incident-summary.ts';
import { linkBounds, linked } from '../../server/reports/linking.ts';
import type { Linkable } from '../../server/reports/linking.ts';
import { REPORT_COLUMNS, reportFromRow } from '../../server/reports/report-row.ts';
import type { ReportRow, StoredReport } from '../../server/reports/report-row.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import type { NewReport, ReportPlace } from '../../server/reports/report.ts';
import { tilesOf } from '../../server/reports/tiles.ts';
import { addUsers } from '../integration/mutations-support.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { newReport, partition, reportsArbitrary } from './linking-arbitraries.ts';
import { cellKey, pairArbitrary } from './linking-pairs.ts';
import type { Position } from './linking-pairs.ts';

const writer = createReportWriter({ newId: uuidv7 });

describe('the relation', () => {
  it('invariant 9: is symmetric, and true only inside the bounds and under a common lock', () => {
    let links = 0;
    fc.assert(
      fc.property(reportsArbitrary, (drawn) => {
        const reports = drawn.map((one) => newReport(one, null));
        for (const a of reports)
          for (const b of reports) {
            expect(linked(a, b)).toBe(linked(b, a));
            if (a === b || !linked(a, b)) continue;
            links += 1;
            expect(isInside(a, b)).toBe(true);
            expect(shareLock(a.place, b.place)).toBe(true);
          }
      }),
      { numRuns: 600 },
    );
    expect(links).toBeGreaterThan(100);
  });

  it('invariant 9: shares the lock of the point in between with whatever it links with, anywhere on Earth', () => {
    let links = 0;
    fc.assert(
      fc.property(pairArbitrary, ({ a, b, between }) => {
        const [one, other] = [pointReport(a), pointReport(b)];
        if (!linked(one, other)) return;
        links += 1;
        expect([isInside(one, other), isInside(other, one)]).toEqual([true, true]);
        const key = cellKey(between);
        expect(writer.locks(one.place)).toContain(key);
        expect(writer.locks(other.place)).toContain(key);
      }),
      { numRuns: 2_000 },
    );
    expect(links).toBeGreaterThan(300);
  });

  it('invariant 9: makes the same groups whatever order the reports come in', () => {
    fc.assert(
      fc.property(reportsArbitrary.chain(withPermutation), ({ drawn, order }) => {
        const reports = drawn.map((one) => newReport(one, null));
        const groups = (some: readonly Linkable[]) =>
          partition(groupReports(some).map(({ members }) => ids(members)));
        expect(groups(order.map((index) => reports[index]!))).toEqual(groups(reports));
      }),
    );
  });
});

describe('through Postgres', () => {
  let database: TestDatabase;
  let reporters: string[];
  beforeAll(async () => {
    database = await createTestDatabase();
    reporters = await addUsers(database.pool, 3);
  });
  afterAll(() => database.drop());

  it('invariant 9: incidents are the groups, in whatever order and however many at once reports arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        reportsArbitrary.chain(withPermutation),
        fc.boolean(),
        async ({ drawn, order }, atOnce) => {
          await empty();
          const reports = drawn.map((one, index) => newReport(one, reporters[index % 3]!));
          const arriving = order.map((index) => reports[index]!);
          if (atOnce) await Promise.all(arriving.map(record));
          else for (const report of arriving) await record(report);
          await expectIncidentsToBeTheGroups(reports.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('invariant 9: and stay so while reports are revised, withdrawn and brought back', async () => {
    const step = fc.record({
      kind: fc.constantFrom('revise' as const, 'withdraw' as const),
      which: fc.nat(),
      to: fc.nat(),
    });
    const steps = fc.array(step, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(reportsArbitrary, steps, async (drawn, changes) => {
        await empty();
        const reports = drawn.map((one, index) => newReport(one, reporters[index % 3]!));
        for (const report of reports) await record(report);
        const placeOf = new Map(reports.map(({ id, place }) => [id, place]));
        for (const { kind, which, to } of changes) {
          const { id } = reports[which % reports.length]!;
          const example = reports[to % reports.length]!;
          const locks = [...writer.locks(placeOf.get(id)!), ...writer.locks(example.place)];
          await locked(locks, (tx) =>
            kind === 'revise' ? writer.revise(tx, id, example).then(() => {}) : writer.withdraw(tx, id),
          );
          if (kind === 'revise') placeOf.set(id, example.place);
          await expectIncidentsToBeTheGroups(reports.length);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('invariant 9: a chain of many incidents takes a report at its end, and is cut as one', async () => {
    await empty();
    // Eighteen kilometres of people who all saw something of the same kind, as on the last night of the year.
    const spots = Array.from({ length: 150 }, (_, at) =>
      pointReport({ lat: 59 + (at * 120) / 111_195, lon: 18, accuracyM: 20 }),
    );
    const [last, ...others] = spots.toReversed();
    await locked([], (tx) => writer.recordAll(tx, others).then(() => {}));
    await record(last!);
    await expectIncidentsToBeTheGroups(spots.length);
    expect(groupReports(spots).length).toBeGreaterThan(15);
  });

  it('the tile of a point has the same number in Postgres', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pairArbitrary, { minLength: 50, maxLength: 50 }), async (pairs) => {
        const points = pairs.flatMap(({ a, b }) => [a, b]);
        const { rows } = await database.pool.query<{ tile: number }>(
          `SELECT tile_of(lat, lon) AS tile FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS points (lat, lon, place)
           ORDER BY place`,
          [points.map(({ lat }) => lat), points.map(({ lon }) => lon)],
        );
        const tileOf = ({ lat, lon }: Position) =>
          tilesOf({ minLat: lat, maxLat: lat, minLon: lon, maxLon: lon });
        expect(rows.map(({ tile }) => [tile])).toEqual(points.map(tileOf));
      }),
      { numRuns: 20 },
    );
  });

  async function empty(): Promise<void> {
    await database.pool.query('TRUNCATE reports, incidents CASCADE');
  }

  async function record(report: NewReport): Promise<void> {
    await locked(writer.locks(report.place), (tx) => writer.record(tx, report).then(() => {}));
  }

  async function locked(
    keys: readonly bigint[],
    work: (tx: Parameters<typeof writer.record>[0]) => Promise<void>,
  ): Promise<void> {
    const ascending = [...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1));
    const transaction = () =>
      inTransaction(database.pool, async (tx) => {
        for (const key of ascending) await tx.query('SELECT pg_advisory_xact_lock($1)', [String(key)]);
        await work(tx);
      });
    await retryTransient(transaction, createLogger('silent'));
  }

  /** Groups, summaries and the ends of merged incidents, all read back. */
  async function expectIncidentsToBeTheGroups(total: number): Promise<void> {
    const { rows } = await database.pool.query<ReportRow>(`SELECT ${REPORT_COLUMNS} FROM reports`);
    expect(rows).toHaveLength(total);
    const active = rows.map(reportFromRow).filter(({ status }) => status === 'active');
    const byIncident = grouped(active);
    expect(partition([...byIncident.values()].map(ids))).toEqual(
      partition(groupReports(active).map(({ members }) => ids(members))),
    );

    const incidents = await database.pool.query<IncidentRow>(
      `SELECT id, type, severity, verification, confidence, occurred_at, lat, lon, location_precision, region,
              municipality, district, report_count, reporter_count, official, past, status, merged_into FROM incidents`,
    );
    for (const row of incidents.rows) {
      const members = byIncident.get(row.id);
      if (members === undefined) {
        expect(row).toMatchObject({ report_count: 0, reporter_count: 0, confidence: 0 });
        expect(['merged', 'closed']).toContain(row.status);
        continue;
      }
      expect(row).toEqual({ id: row.id, status: 'open', merged_into: null, ...expectedRow(members) });
    }
    expect(incidents.rows.filter(({ status }) => status === 'open')).toHaveLength(byIncident.size);
  }
});

function grouped(reports: readonly StoredReport[]): Map<string | null, StoredReport[]> {
  const groups = new Map<string | null, StoredReport[]>();
  for (const report of reports) {
    const { incidentId } = report;
    groups.set(incidentId, [...(groups.get(incidentId) ?? []), report]);
  }
  return groups;
}

type IncidentRow = Record<string, unknown> & { id: string; status: string };

function expectedRow(members: readonly StoredReport[]): Record<string, unknown> {
  const { occurredAt, precision, reportCount, reporterCount, ...same } = summariseIncident(members);
  return {
    ...same,
    occurred_at: occurredAt,
    location_precision: precision,
    report_count: reportCount,
    reporter_count: reporterCount,
  };
}

function ids(reports: readonly { id: string }[]): string[] {
  return reports.map(({ id }) => id);
}

function withPermutation<T>(drawn: readonly T[]) {
  const indices = drawn.map((_, index) => index);
  return fc.shuffledSubarray(indices, { minLength: indices.length }).map((order) => ({ drawn, order }));
}

function isInside(a: Linkable, b: Linkable): boolean {
  const bounds = linkBounds(a);
  const { lat, lon } = b.place;
  const [tile] = tilesOf({ minLat: lat, maxLat: lat, minLon: lon, maxLon: lon });
  return (
    lat >= bounds.minLat &&
    lat <= bounds.maxLat &&
    tilesOf(bounds).includes(tile ?? -1) &&
    bounds.types.includes(b.type) &&
    b.occurredAt >= bounds.from &&
    b.occurredAt <= bounds.to
  );
}

function shareLock(a: ReportPlace, b: ReportPlace): boolean {
  const keys = new Set(writer.locks(a));
  return writer.locks(b).some((key) => keys.has(key));
}

function pointReport({ lat, lon, accuracyM }: Position) {
  const area = { region: null, municipality: null, district: null, areaBasis: null };
  const place: ReportPlace = { lat, lon, accuracyM, precision: 'point', ...area };
  const description = 'Brand i en container bakom affären';
  return newReport(
    { id: uuidv7(), type: 'fire', minutes: 0, severity: 1, description, place, register: null },
    null,
  );
}
