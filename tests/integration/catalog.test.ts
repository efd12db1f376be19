import { expect, it } from 'vitest';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { PUBLICATION } from '../../server/compose/read-path.ts';
import { useTestDatabase } from '../support/database.ts';

it('each shape of the catalogue is of columns that its table has, keyed alike, published with its old rows', async () => {
  const { pool } = await useTestDatabase();
  for (const { name, table, columns, key } of CATALOG.values()) {
    const { rows } = await pool.query<{ name: string; type: string; nullable: boolean }>(
      `SELECT attname AS name, NOT attnotnull AS nullable,
              CASE WHEN typtype = 'e' THEN 'text' ELSE typname END AS type
       FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attrelid = $1::regclass AND attnum > 0`,
      [table],
    );
    expect({ name, columns: rows }).toMatchObject({
      name,
      columns: expect.arrayContaining([...columns]) as unknown,
    });
    const { rows: facts } = await pool.query(
      `SELECT relreplident AS identity,
              EXISTS (SELECT FROM pg_publication_tables WHERE pubname = $2 AND tablename = $1) AS published,
              (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_index
               JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) WHERE indrelid = pg_class.oid AND indisprimary)
                AS key
       FROM pg_class WHERE oid = $1::regclass`,
      [table, PUBLICATION],
    );
    expect({ name, ...facts[0] }).toEqual({ name, identity: 'f', published: true, key: [...key] });
  }
});

it('no shape tells anybody else who reported something, officers neither', () => {
  const telling = [...CATALOG.values()].filter(
    ({ columns, personal }) =>
      !personal && columns.some(({ name }) => name === 'reporter_id' || name === 'device_id'),
  );
  expect(telling.map(({ name }) => name)).toEqual([]);
});
