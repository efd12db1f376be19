import type { Queryable } from '../db/pool.ts';
import type { Gazetteer } from './area.ts';

/**
 * Brings the table `areas` to what the gazetteer says, in one statement, and returns how many rows were
 * written. A row that is right already is neither written nor locked: areas are a synced shape, and every
 * device would be sent each needless update. Rows that the gazetteer does not know are left alone. Instances
 * that start at once wait for each other row by row, in the order of the codes.
 */
export async function seedAreas(database: Queryable, gazetteer: Gazetteer): Promise<number> {
  const rows = gazetteer.all().map(({ code, kind, name, parentCode, lat, lon }) => ({
    code,
    kind,
    name,
    parent_code: parentCode,
    lat,
    lon,
  }));
  const { rowCount } = await database.query(SEED, [JSON.stringify(rows)]);
  return rowCount ?? 0;
}

const SEED = `
  INSERT INTO areas AS present (code, kind, name, parent_code, lat, lon)
  SELECT given.code, given.kind, given.name, given.parent_code, given.lat, given.lon
  FROM jsonb_to_recordset($1::jsonb)
    AS given (code text, kind area_kind, name text, parent_code text, lat float8, lon float8)
  WHERE NOT EXISTS (
    SELECT 1 FROM areas AS same
    WHERE same.code = given.code
      AND (same.kind, same.name, same.lat, same.lon) = (given.kind, given.name, given.lat, given.lon)
      AND same.parent_code IS NOT DISTINCT FROM given.parent_code
  )
  ORDER BY given.code
  ON CONFLICT (code) DO UPDATE
  SET kind = excluded.kind, name = excluded.name, parent_code = excluded.parent_code,
      lat = excluded.lat, lon = excluded.lon
  WHERE (present.kind, present.name, present.lat, present.lon)
        IS DISTINCT FROM (excluded.kind, excluded.name, excluded.lat, excluded.lon)
     OR present.parent_code IS DISTINCT FROM excluded.parent_code`;
