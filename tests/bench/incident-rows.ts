import type pg from 'pg';

/** Fills `incidents` with rows of the county of Stockholm, no two alike. */
export async function insertIncidents(client: pg.Client, count: number): Promise<void> {
  await client.query(
    `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region,
                            report_count, reporter_count)
     SELECT gen_random_uuid(), (enum_range(NULL::incident_type))[1 + i % 20], 1 + i % 5, 0.5,
            now() - i * interval '1 minute', 59 + (i % 1000) / 1000.0, 17.5 + (i % 997) / 997.0, 'point', '01', 1, 1
       FROM generate_series(1, $1::int) i`,
    [count],
  );
}
