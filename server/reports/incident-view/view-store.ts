import type { LocationPrecision, ReportSource } from '@halo/shapes/taxonomy/states.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { IncidentAnswer, IncidentDetail, IncidentStep } from '@halo/shapes/protocol/incidents.ts';
import { comesAfter, microsOf } from '../../db/keyset.ts';
import type { Queryable } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import type { KeysetPosition } from '../../platform/keyset-cursor.ts';
import { INCIDENT_COLUMNS, incidentFromRow } from '../incident-list/incident-row.ts';
import type { IncidentRow } from '../incident-list/incident-row.ts';

/** So many incidents lead from one to another at most. */
const MAX_STEPS = 50;

/** Where an id leads. */
export interface FollowedIncident {
  readonly id: string;
  readonly followed: IncidentDetail['followed'];
}

/**
 * Follows an incident to the one that it was merged into and, where that is an official event which is the same as a reported
 * incident, to that one.
 *
 * @param matches whether to follow matches, too
 * @throws HaloError 404 `incident_not_found`
 */
export async function followIncident(
  db: Queryable,
  id: string,
  matches: 'with matches' | 'merged only' = 'with matches',
): Promise<FollowedIncident> {
  const { rows } = await db.query<{ id: string; merged: boolean }>(
    `WITH RECURSIVE chain AS (
       SELECT id, merged_into, matched_to, 0 AS step FROM incidents WHERE id = $1
       UNION ALL
       SELECT next.id, next.merged_into, next.matched_to, step + 1
       FROM chain JOIN incidents next
         ON next.id = COALESCE(chain.merged_into, CASE WHEN $2::boolean THEN chain.matched_to END)
       WHERE step < ${MAX_STEPS}
     )
     SELECT id, merged_into IS NOT NULL AS merged FROM chain ORDER BY step`,
    [id, matches === 'with matches'],
  );
  const last = rows.at(-1);
  if (last === undefined)
    throw new HaloError('incident_not_found', 'There is no incident of this id.', { status: 404 });
  const followed = rows
    .slice(0, -1)
    .map((row) => ({ id: row.id, because: row.merged ? ('merged' as const) : ('matched' as const) }));
  return { id: last.id, followed };
}

/** Incidents by their ids, whether lists show them or not. */
export async function readIncidents(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, IncidentAnswer>> {
  const { rows } = await db.query<IncidentRow>(
    `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE id = ANY ($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, incidentFromRow(row)]));
}

/** A report of an incident, with all that anybody may see of it. */
export interface ReportOfIncident {
  readonly id: string;
  readonly source: ReportSource;
  readonly type: IncidentType;
  readonly occurredAt: Date;
  readonly lat: number;
  readonly lon: number;
  readonly locationPrecision: LocationPrecision;
  readonly accuracyM: number | null;
  readonly description: string;
  readonly reporterId: string | null;
  readonly micros: number;
}

/** Active reports of an incident and of the official events that are matched with it, newest first. */
export async function readReports(
  db: Queryable,
  incidentId: string,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<ReportOfIncident[]> {
  const { rows } = await db.query<ReportOfIncident>(
    `SELECT id, source, type, occurred_at AS "occurredAt", lat, lon, location_precision AS "locationPrecision",
       accuracy_m AS "accuracyM", description, reporter_id AS "reporterId", ${microsOf('occurred_at')} AS micros
     FROM reports
     WHERE status = 'active' AND incident_id IN (SELECT $1::uuid UNION ALL SELECT id FROM incidents WHERE matched_to = $1)
       AND ($2::float8 IS NULL OR ${comesAfter('occurred_at', 'id', '$2', '$3')})
     ORDER BY occurred_at DESC, id DESC LIMIT $4`,
    [incidentId, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows;
}

/** A step of an incident's history, as officers see it. */
export type StoredStep = Omit<IncidentStep, 'madeAt'> & { readonly madeAt: Date; readonly micros: number };

/** What became of an incident, and of those that were merged into it, newest first. */
export async function readHistory(
  db: Queryable,
  incidentId: string,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<StoredStep[]> {
  const { rows } = await db.query<StoredStep>(
    `SELECT id, from_state AS "from", to_state AS "to", made_at AS "madeAt", actor_id IS NOT NULL AS "byPerson",
       actor_id AS "actorId", note, ${microsOf('made_at')} AS micros
     FROM incident_transitions
     WHERE incident_id IN (WITH RECURSIVE gone AS (
         SELECT $1::uuid AS id UNION SELECT merged.id FROM incidents merged JOIN gone ON merged.merged_into = gone.id
       ) SELECT id FROM gone) AND ($2::float8 IS NULL OR ${comesAfter('made_at', 'id', '$2', '$3')})
     ORDER BY made_at DESC, id DESC LIMIT $4`,
    [incidentId, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows;
}
