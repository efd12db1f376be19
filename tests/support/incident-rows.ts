import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../server/db/pool.ts';

/** Inserts counties, which incidents refer to. */
export async function insertCounties(db: Queryable, codes: readonly string[]): Promise<void> {
  await db.query(
    `INSERT INTO areas (code, kind, name, lat, lon)
     SELECT code, 'county', 'County ' || code, 60, 15 FROM unnest($1::text[]) AS code`,
    [codes],
  );
}

/** Inserts an incident and returns its id. */
export async function insertIncident(
  db: Queryable,
  values: { region: string | null; severity?: number; type?: string; id?: string },
): Promise<string> {
  const id = values.id ?? randomUUID();
  await db.query(
    `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region,
                            report_count, reporter_count)
     VALUES ($1, $2, $3, 0.5, '2026-01-01T00:00:00.25Z', 59.3, 18.1, 'municipality', $4, 1, 1)`,
    [id, values.type ?? 'theft', values.severity ?? 3, values.region],
  );
  return id;
}
