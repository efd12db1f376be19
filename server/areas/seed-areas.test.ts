import { expect, it } from 'vitest';
import { useTestDatabase } from '../../tests/support/database.ts';
import { createGazetteer } from './gazetteer.ts';
import { seedAreas } from './seed-areas.ts';

it('fills the table once and then writes only what differs', async () => {
  const { pool } = await useTestDatabase();
  const gazetteer = createGazetteer();
  expect(await seedAreas(pool, gazetteer)).toBe(311);
  const before = await pool.query('SELECT code, xmin, xmax FROM areas ORDER BY code');
  expect(await seedAreas(pool, gazetteer)).toBe(0);
  const after = await pool.query('SELECT code, xmin, xmax FROM areas ORDER BY code');
  expect(after.rows, 'no row was written or locked').toEqual(before.rows);

  await pool.query(`UPDATE areas SET name = 'Elsewhere' WHERE code = '0114'`);
  await pool.query(`DELETE FROM areas WHERE code = '0980'`);
  await pool.query(`INSERT INTO areas (code, kind, name, parent_code, lat, lon)
                    VALUES ('0180-77', 'district', 'Södermalm', '0180', 59.31, 18.07)`);
  expect(await seedAreas(pool, gazetteer)).toBe(2);
  const { rows } = await pool.query<{ code: string; name: string }>(
    `SELECT code, name FROM areas WHERE code IN ('0114', '0980', '0180-77') ORDER BY code`,
  );
  expect(rows).toEqual([
    { code: '0114', name: 'Upplands Väsby' },
    { code: '0180-77', name: 'Södermalm' },
    { code: '0980', name: 'Gotland' },
  ]);
});

it('lets instances that start at once fill it together', async () => {
  const { pool } = await useTestDatabase();
  const gazetteer = createGazetteer();
  const written = await Promise.all(Array.from({ length: 5 }, () => seedAreas(pool, gazetteer)));
  expect(written.reduce((sum, count) => sum + count, 0)).toBe(311);
});
