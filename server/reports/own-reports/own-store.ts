import type { MyReport } from '@halo/shapes/protocol/reports.ts';
import { comesAfter, microsOf } from '../../db/keyset.ts';
import type { Queryable } from '../../db/pool.ts';
import type { KeysetPosition } from '../../platform/keyset-cursor.ts';

type OwnRow = Omit<MyReport, 'occurredAt' | 'receivedAt' | 'updatedAt' | 'location'> & {
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly updatedAt: Date;
  readonly lat: number;
  readonly lon: number;
  readonly accuracyM: number | null;
  readonly micros: number;
};

/** A person's reports, withdrawn ones too, the latest of what happened first. */
export async function listOwnReports(
  db: Queryable,
  reporterId: string,
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: MyReport; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<OwnRow>(
    `SELECT id, type, severity, occurred_at AS "occurredAt", received_at AS "receivedAt", description, lat, lon,
       accuracy_m AS "accuracyM", region, municipality, district, status, incident_id AS "incidentId", version,
       updated_at AS "updatedAt", ${microsOf('occurred_at')} AS micros
     FROM reports
     WHERE reporter_id = $1 AND ($2::float8 IS NULL OR ${comesAfter('occurred_at', 'id', '$2', '$3')})
     ORDER BY occurred_at DESC, id DESC LIMIT $4`,
    [reporterId, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows.map(({ lat, lon, accuracyM, micros, ...row }) => ({
    item: {
      ...row,
      occurredAt: row.occurredAt.toISOString(),
      receivedAt: row.receivedAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
      location: { lat, lon, accuracyM },
    },
    position: { micros, id: row.id },
  }));
}
