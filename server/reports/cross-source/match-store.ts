import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { Queryable, Transaction } from '../../db/pool.ts';
import { compatibleTypes } from '../neighbouring-types.ts';
import { COMPARED_CHARACTERS } from '../text-similarity.ts';
import { CLUTTER_WINDOW_MS, MATCH_WINDOW_MS } from './association.ts';
import type { OfficialEvent, ReportedIncident, Ruling, Verdict } from './association.ts';

/** Official events that are looked at in one run. */
const MAX_EVENTS = 20_000;
/** Incidents of its area that one official event is compared with; in a wider crowd it could not be told apart anyway. */
const MAX_NEARBY = 50;
/** Up to so many are counted of what happens in an area. */
const MAX_CLUTTER = 2_000;

/** An official event of an area, as its incident holds it. */
export interface StoredEvent extends OfficialEvent {
  readonly id: string;
  readonly region: string | null;
  readonly municipality: string | null;
  readonly precision: 'district' | 'municipality' | 'county';
}

/** What an official event is compared with. */
export interface Surroundings {
  readonly nearby: readonly ReportedIncident[];
  readonly clutter: number;
}

/** What the reports of an incident say, the beginnings of the oldest three. */
const WORDS = (incident: string) => `(SELECT coalesce(string_agg(said.words, ' '), '') FROM (
    SELECT left(description, ${COMPARED_CHARACTERS / 2}) AS words FROM reports
    WHERE incident_id = ${incident} AND status = 'active' ORDER BY id LIMIT 3) AS said)`;

/** Official events of areas that happened in a time, the newest `MAX_EVENTS`. */
export async function readEvents(
  db: Queryable,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<StoredEvent[]> {
  const { rows } = await db.query<StoredEvent>(
    `SELECT id, type, occurred_at AS "occurredAt", region, municipality, location_precision AS precision,
       ${WORDS('incidents.id')} AS description
     FROM incidents
     WHERE official AND location_precision <> 'point' AND report_count > 0 AND occurred_at BETWEEN $1 AND $2
     ORDER BY occurred_at DESC, id LIMIT ${MAX_EVENTS}`,
    [from, to],
  );
  return rows;
}

/** The incidents that people reported in the event's area around its time, and how many of its kind there are. */
export async function readSurroundings(db: Queryable, event: StoredEvent): Promise<Surroundings> {
  const { region, municipality, precision, occurredAt } = event;
  if (region === null) return { nearby: [], clutter: 0 };
  const types: readonly IncidentType[] = compatibleTypes(event.type);
  const [narrow, wide] = [MATCH_WINDOW_MS, CLUTTER_WINDOW_MS].map((ms) => ms / 1_000);
  const values = [region, occurredAt, types, precision === 'county' ? null : municipality];
  const inArea = `region = $1 AND location_precision = 'point' AND report_count > 0 AND (matched OR NOT official)
    AND type = ANY ($3::incident_type[]) AND ($4::text IS NULL OR municipality = $4)`;
  const around = (parameter: string) =>
    `occurred_at BETWEEN $2::timestamptz - make_interval(secs => ${parameter}) AND $2::timestamptz + make_interval(secs => ${parameter})`;
  const clutter = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (SELECT FROM incidents WHERE ${inArea} AND ${around('$5')} LIMIT ${MAX_CLUTTER}) AS kind`,
    [...values, wide],
  );
  const { rows } = await db.query<ReportedIncident>(
    `SELECT id, type, occurred_at AS "occurredAt", ${WORDS('incidents.id')} AS description
     FROM incidents WHERE ${inArea} AND ${around('$5')}
     ORDER BY abs(extract(epoch FROM occurred_at - $2)), id LIMIT ${MAX_NEARBY}`,
    [...values, narrow],
  );
  return { nearby: rows, clutter: clutter.rows[0]?.n ?? 0 };
}

/** Pairings as they are stored: of the given events, and all of whose event is none any more. */
export interface StoredMatch {
  readonly officialId: string;
  readonly incidentId: string;
  readonly state: 'match' | 'candidate' | 'rejected';
  readonly probability: number;
  readonly byOfficer: boolean;
}

/** The pairings of official events. */
export async function readMatches(db: Queryable, officialIds: readonly string[]): Promise<StoredMatch[]> {
  const { rows } = await db.query<StoredMatch>(
    `SELECT official_id AS "officialId", incident_id AS "incidentId", state, probability, by_officer AS "byOfficer"
     FROM incident_matches WHERE official_id = ANY ($1::uuid[])`,
    [officialIds],
  );
  return rows;
}

/** Pairings of which one side has no report left, as after a withdrawal or a merge. */
export async function readLapsed(db: Queryable): Promise<StoredMatch[]> {
  const { rows } = await db.query<StoredMatch>(
    `SELECT official_id AS "officialId", incident_id AS "incidentId", state, probability, by_officer AS "byOfficer"
     FROM incident_matches JOIN incidents official ON official.id = official_id JOIN incidents told ON told.id = incident_id
     WHERE NOT by_officer AND (official.report_count = 0 OR told.report_count = 0)
     LIMIT 1000`,
  );
  return rows;
}

/**
 * Incidents whose rows do not tell what they are matched with: one of a pair has merged or lost its reports or got them back, or
 * the pairing is there no more.
 */
export async function readOutdated(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `WITH holds AS MATERIALIZED (
       SELECT official.id AS official_id, official.matched_to, told.id AS incident_id, told.matched
       FROM incident_matches JOIN incidents official ON official.id = official_id JOIN incidents told ON told.id = incident_id
       WHERE state = 'match' AND official.report_count > 0 AND told.report_count > 0
     )
     SELECT official_id AS id FROM holds WHERE matched_to IS DISTINCT FROM incident_id
     UNION SELECT incident_id FROM holds WHERE NOT matched
     UNION SELECT id FROM incidents WHERE matched_to IS NOT NULL AND NOT EXISTS (SELECT FROM holds WHERE official_id = incidents.id)
     UNION SELECT id FROM incidents WHERE matched AND NOT EXISTS (SELECT FROM holds WHERE incident_id = incidents.id)
     LIMIT 1000`,
  );
  return rows.map(({ id }) => id);
}

/** The rulings of officers about official events or incidents. */
export async function readRulings(
  db: Queryable,
  officialIds: readonly string[],
  incidentIds: readonly string[],
): Promise<Ruling[]> {
  const { rows } = await db.query<Ruling>(
    `SELECT official_id AS "officialId", incident_id AS "incidentId", state FROM incident_matches
     WHERE by_officer AND (official_id = ANY ($1::uuid[]) OR incident_id = ANY ($2::uuid[]))`,
    [officialIds, incidentIds],
  );
  return rows;
}

/** Locks incidents in the order of their ids. */
export async function lockIncidents(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.query('SELECT FROM incidents WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE', [ids]);
}

/** Removes pairings; those that officers ruled only where they are told to go, too. */
export async function deleteMatches(
  tx: Transaction,
  matches: readonly Pick<Verdict, 'officialId' | 'incidentId'>[],
  { rulingsToo }: { readonly rulingsToo: boolean },
): Promise<void> {
  await tx.query(
    `DELETE FROM incident_matches USING unnest($1::uuid[], $2::uuid[]) AS gone (official, incident)
     WHERE official_id = gone.official AND incident_id = gone.incident AND (NOT by_officer OR $3)`,
    [matches.map(({ officialId }) => officialId), matches.map(({ incidentId }) => incidentId), rulingsToo],
  );
}

/**
 * Stores what the machine has decided; what an officer ruled stays, and nothing is stored against it. What is a match no more comes
 * before what becomes one: an event has one match at every moment.
 */
export async function writeVerdicts(tx: Transaction, verdicts: readonly Verdict[]): Promise<void> {
  await tx.query(
    `INSERT INTO incident_matches (official_id, incident_id, region, state, probability)
     SELECT given.official, given.incident, incidents.region, given.state::match_state, given.probability
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::float8[]) AS given (official, incident, state, probability)
       JOIN incidents ON incidents.id = given.incident
     WHERE NOT EXISTS (SELECT FROM incident_matches ruled WHERE ruled.by_officer AND ruled.state = 'match'
       AND (ruled.official_id = given.official OR ruled.incident_id = given.incident))
     ORDER BY given.state = 'match'
     ON CONFLICT (official_id, incident_id) DO UPDATE
       SET state = EXCLUDED.state, probability = EXCLUDED.probability, region = EXCLUDED.region, decided_at = now()
       WHERE NOT incident_matches.by_officer`,
    [
      verdicts.map(({ officialId }) => officialId),
      verdicts.map(({ incidentId }) => incidentId),
      verdicts.map(({ state }) => state),
      verdicts.map(({ probability }) => probability),
    ],
  );
}

/** Brings incidents in line with the matches that there are: what they are matched to, and what that makes of them. */
export async function applyMatches(tx: Transaction, incidentIds: readonly string[]): Promise<void> {
  await tx.query(
    `WITH found AS MATERIALIZED (
       SELECT id,
         (SELECT incident_id FROM incident_matches JOIN incidents told ON told.id = incident_id
          WHERE official_id = incidents.id AND state = 'match' AND told.report_count > 0 AND incidents.report_count > 0) AS matched_to,
         report_count > 0 AND EXISTS (
           SELECT FROM incident_matches JOIN incidents official ON official.id = official_id
           WHERE incident_id = incidents.id AND state = 'match' AND official.report_count > 0) AS matched,
         EXISTS (SELECT FROM reports WHERE incident_id = incidents.id AND status = 'active' AND source = 'official') AS told
       FROM incidents WHERE id = ANY ($1::uuid[])
     ), given AS (
       SELECT found.id, found.matched_to, found.matched, found.told OR found.matched AS is_official FROM found
     )
     UPDATE incidents SET matched_to = given.matched_to, matched = given.matched, updated_at = now(), official = given.is_official,
       confidence = CASE WHEN report_count = 0 THEN 0 ELSE 1 - 1.0 / (reporter_count + given.is_official::int + 1) END,
       verification = CASE WHEN report_count = 0 THEN verification ELSE COALESCE(verdict, CASE WHEN given.is_official THEN 'verified'
         WHEN reporter_count >= 2 THEN 'corroborated' ELSE 'unverified' END::verification) END
     FROM given
     WHERE incidents.id = given.id
       AND (incidents.matched_to, incidents.matched) IS DISTINCT FROM (given.matched_to, given.matched)`,
    [incidentIds],
  );
}

/** The matches, and what the machine holds for possible, that a match of the two would exclude. */
export async function rivalsOf(
  tx: Transaction,
  officialId: string,
  incidentId: string,
): Promise<Pick<StoredMatch, 'officialId' | 'incidentId'>[]> {
  const { rows } = await tx.query<Pick<StoredMatch, 'officialId' | 'incidentId'>>(
    `SELECT official_id AS "officialId", incident_id AS "incidentId" FROM incident_matches
     WHERE (official_id = $1) <> (incident_id = $2) AND state <> 'rejected'`,
    [officialId, incidentId],
  );
  return rows;
}

/** Whether the first is an official event of an area, and the second an incident with a place, both with reports. */
export async function mayMatch(tx: Transaction, officialId: string, incidentId: string): Promise<boolean> {
  const { rows } = await tx.query<{ may: boolean }>(
    `SELECT EXISTS (SELECT FROM incidents WHERE id = $1 AND official AND location_precision <> 'point' AND report_count > 0)
        AND EXISTS (SELECT FROM incidents WHERE id = $2 AND location_precision = 'point' AND report_count > 0) AS may`,
    [officialId, incidentId],
  );
  return rows[0]?.may === true;
}

/** Stores an officer's word over whatever was there. */
export async function writeRuling(
  tx: Transaction,
  ruling: {
    readonly officialId: string;
    readonly incidentId: string;
    readonly state: 'match' | 'rejected';
    readonly officerId: string;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO incident_matches (official_id, incident_id, region, state, probability, decided_by, by_officer)
     SELECT $1, id, region, $3::match_state, CASE WHEN $3::match_state = 'match' THEN 1 ELSE 0 END, $4, true FROM incidents WHERE id = $2
     ON CONFLICT (official_id, incident_id) DO UPDATE
       SET state = EXCLUDED.state, probability = EXCLUDED.probability, decided_by = EXCLUDED.decided_by, by_officer = true, decided_at = now()`,
    [ruling.officialId, ruling.incidentId, ruling.state, ruling.officerId],
  );
}
