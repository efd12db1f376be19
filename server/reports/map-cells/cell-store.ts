import type { Queryable } from '../../db/pool.ts';
import { IncidentConditions } from '../incident-list/incident-filter.ts';
import type { IncidentFilter } from '../incident-list/incident-filter.ts';
import type { CountedPlace } from './count-cells.ts';

/** Public places of incidents and how many there are at each, at most so many; and how many incidents have none. */
export async function countPlaces(
  db: Queryable,
  filter: IncidentFilter,
  maxPlaces: number,
): Promise<{ readonly places: CountedPlace[]; readonly withoutPlace: number }> {
  const conditions = new IncidentConditions(filter);
  const where = conditions.sql();
  const withoutPlace = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM incidents WHERE ${where} AND incidents.location_precision <> 'point'`,
    conditions.values,
  );
  const limit = conditions.place(maxPlaces);
  const { rows } = await db.query<CountedPlace>(
    `SELECT incidents.lat, incidents.lon, count(*)::int AS count FROM incidents
     WHERE ${where} AND incidents.location_precision = 'point' GROUP BY incidents.lat, incidents.lon LIMIT ${limit}`,
    conditions.values,
  );
  return { places: rows, withoutPlace: withoutPlace.rows[0]?.n ?? 0 };
}
