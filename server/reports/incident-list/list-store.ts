import type { AreaKind } from '@halo/shapes/taxonomy/states.ts';
import type { IncidentList } from '@halo/shapes/protocol/incidents.ts';
import { comesAfter, microsOf } from '../../db/keyset.ts';
import type { Queryable } from '../../db/pool.ts';
import type { KeysetPosition } from '../../platform/keyset-cursor.ts';
import { IncidentConditions } from './incident-filter.ts';
import type { IncidentFilter } from './incident-filter.ts';
import { INCIDENT_COLUMNS, incidentFromRow } from './incident-row.ts';
import type { IncidentRow } from './incident-row.ts';

/** An incident of a list, and where it stands in it. */
export interface ListedIncident {
  readonly item: IncidentList['incidents'][number];
  readonly position: KeysetPosition;
}

/** The incidents of a list that come after a position, the newest first. */
export async function listIncidents(
  db: Queryable,
  filter: IncidentFilter,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<ListedIncident[]> {
  const conditions = new IncidentConditions(filter);
  const { place } = conditions;
  const distance = filter.near === undefined ? 'NULL::float8' : conditions.distanceFrom(filter.near);
  if (after !== undefined)
    conditions.add(comesAfter('incidents.occurred_at', 'incidents.id', place(after.micros), place(after.id)));
  const { rows } = await db.query<IncidentRow & { distanceM: number | null; micros: number }>(
    `SELECT ${INCIDENT_COLUMNS}, ${distance} AS "distanceM", ${microsOf('incidents.occurred_at')} AS micros
     FROM incidents WHERE ${conditions.sql()}
     ORDER BY incidents.occurred_at DESC, incidents.id DESC LIMIT ${place(limit)}`,
    conditions.values,
  );
  return rows.map((row) => ({
    item: { ...incidentFromRow(row), distanceM: row.distanceM },
    position: { micros: row.micros, id: row.id },
  }));
}

/** What kind of area a code names; undefined when it names none. */
export async function kindOfArea(db: Queryable, code: string): Promise<AreaKind | undefined> {
  const { rows } = await db.query<{ kind: AreaKind }>('SELECT kind FROM areas WHERE code = $1', [code]);
  return rows[0]?.kind;
}
