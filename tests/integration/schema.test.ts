import { expect, it } from 'vitest';
import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import * as states from '@halo/shapes/taxonomy/states.ts';
import { useTestDatabase } from '../support/database.ts';

it('each enumeration has the same list in Postgres as in the contract, in the same order', async () => {
  const { pool } = await useTestDatabase();
  const { rows } = await pool.query<{ name: string; labels: string[] }>(
    `SELECT typname AS name, array_agg(enumlabel::text ORDER BY enumsortorder) AS labels
     FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid GROUP BY typname`,
  );
  expect(Object.fromEntries(rows.map(({ name, labels }) => [name, labels]))).toMatchObject({
    incident_type: [...INCIDENT_TYPES],
    report_source: states.REPORT_SOURCES,
    report_status: states.REPORT_STATUSES,
    location_precision: states.LOCATION_PRECISIONS,
    area_basis: states.AREA_BASES,
    area_kind: states.AREA_KINDS,
    incident_status: states.INCIDENT_STATUSES,
    verification: states.VERIFICATIONS,
    mutation_status: states.MUTATION_STATUSES,
  });
});

it('every time has its zone', async () => {
  const { pool } = await useTestDatabase();
  const { rows: times } = await pool.query(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'`,
  );
  // The migrations' own list is the library's.
  expect(times).toEqual([{ table_name: 'migrations', column_name: 'run_on' }]);
});
