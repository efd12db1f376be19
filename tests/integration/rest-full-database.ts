import type { Pool } from '../../server/db/pool.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { EXAMPLE_IDS } from '../../server/reports/examples.ts';
import { placeOfPoint } from '../../server/reports/place-of-point.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import type { NewReport } from '../../server/reports/report.ts';
import { gazetteer, NOW } from './mutations-support.ts';

const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };

/** Who has said what in the full database. */
export interface Authors {
  /** Has reported the examples' report. */
  readonly reporter: string;
  /** Has reported with him, and commented. */
  readonly other: string;
}

/**
 * Fills a database so that every id of the document's examples is one: incidents in each state, an official event that may be one of
 * them, comments, votes and history.
 */
export async function fillDatabase(pool: Pool, { reporter, other }: Authors): Promise<void> {
  const ids = EXAMPLE_IDS;
  const far = { ...HERE, lat: 59.5 };
  await record(pool, ids.incident, [
    reportOf(ids.report, reporter, HERE),
    reportOf(ids.partedReport, other, { ...HERE, lat: HERE.lat + 0.00005 }),
  ]);
  await record(pool, ids.otherIncident, [reportOf(ids.withdrawnReport, other, far)]);
  const centre = gazetteer.byCode('0180')!;
  await record(pool, ids.officialEvent, [
    {
      ...reportOf(crypto.randomUUID(), null, HERE),
      source: 'official',
      rawType: 'Stöld',
      place: {
        ...placeOfPoint(gazetteer, HERE),
        lat: centre.lat,
        lon: centre.lon,
        precision: 'municipality',
        accuracyM: null,
        areaBasis: 'declared',
      },
    },
  ]);
  await pool.query(
    `INSERT INTO incidents (id, type, severity, status, confidence, occurred_at, lat, lon, location_precision, report_count,
       reporter_count, merged_into)
     VALUES ($1, 'theft', 2, 'merged', 0, $3, 59.3, 18, 'point', 0, 0, $2)`,
    [ids.mergedIncident, ids.incident, NOW],
  );
  await pool.query(
    `INSERT INTO incident_matches (official_id, incident_id, region, state, probability) VALUES ($1, $2, '01', 'candidate', 0.4)`,
    [ids.officialEvent, ids.incident],
  );
  await pool.query(
    `INSERT INTO comments (id, incident_id, region, author_id, by_officer, body, deleted_at)
     VALUES ($1, $3, '01', $4, false, 'Seen it', NULL), ($2, $3, '01', $4, true, 'Gone', now())`,
    [ids.comment, ids.deletedComment, ids.incident, other],
  );
  await pool.query('INSERT INTO comment_votes (comment_id, user_id, up) VALUES ($1, $2, false)', [
    ids.comment,
    reporter,
  ]);
  await pool.query(
    `INSERT INTO incident_transitions (id, incident_id, region, actor_id, from_state, to_state, note)
     VALUES ($1, $2, '01', $3, 'closed', 'open', 'It goes on')`,
    [ids.step, ids.incident, other],
  );
}

function record(pool: Pool, incidentId: string, reports: readonly NewReport[]): Promise<unknown> {
  const writer = createReportWriter({ newId: () => incidentId });
  return inTransaction(pool, (tx) => writer.recordAll(tx, reports));
}

function reportOf(id: string, reporterId: string | null, point: typeof HERE): NewReport {
  return {
    id,
    source: 'user',
    reporterId,
    deviceId: null,
    type: 'theft',
    rawType: null,
    severity: 3,
    occurredAt: new Date(NOW.getTime() - 30 * 60_000),
    claimedAt: null,
    clockSuspect: false,
    register: null,
    knownAt: null,
    description: 'A bicycle was taken from the yard behind the station',
    place: placeOfPoint(gazetteer, point),
  };
}
