import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryPostgres } from '../../../../tests/support/prepared-replica.ts';
import { DEFAULT_FILTERS, MAX_ON_MAP, filtersInUse, listQuery, mapQuery } from './filters.ts';
import type { Filters, Place, Query } from './filters.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const hours = (n: number) => new Date(NOW - n * 3_600_000).toISOString();

/** The view's columns, and rows that each break one rule. */
const SCHEMA = `
  CREATE TABLE incidents (id text, type text DEFAULT 'theft', severity int2 DEFAULT 3, status text DEFAULT 'open',
    verification text DEFAULT 'unverified', confidence float8 DEFAULT 0.5, occurred_at timestamptz DEFAULT '${hours(1)}',
    lat float8 DEFAULT 59.3, lon float8 DEFAULT 18, location_precision text DEFAULT 'point', region text DEFAULT '01',
    municipality text, district text, report_count int DEFAULT 1, reporter_count int DEFAULT 1, official bool DEFAULT false,
    merged_into text, matched_to text, updated_at timestamptz, sync_state text DEFAULT 'synced');
  INSERT INTO incidents (id) VALUES ('plain');
  INSERT INTO incidents (id, region) VALUES ('elsewhere', '12');
  INSERT INTO incidents (id, merged_into, status) VALUES ('merged', 'plain', 'merged');
  INSERT INTO incidents (id, matched_to) VALUES ('matched', 'plain');
  INSERT INTO incidents (id, occurred_at) VALUES ('days', '${hours(50)}'), ('weeks', '${hours(24 * 20)}'), ('old', '${hours(24 * 90)}');
  INSERT INTO incidents (id, type, severity, lat) VALUES ('fire', 'fire', 5, 59.4);
  INSERT INTO incidents (id, status) VALUES ('closed', 'closed');
  INSERT INTO incidents (id, verification, official, location_precision) VALUES ('police', 'verified', true, 'municipality')`;

describe('the queries of list and map', () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await memoryPostgres();
    await database.exec(SCHEMA);
  });
  afterAll(() => database.close());
  const ask = async ({ sql, params }: Query) =>
    (await database.query<{ id: string; total: number; distance_m: number }>(sql, [...params])).rows;
  const list = (changes: Partial<Filters> = {}, here?: Place, limit = 60) =>
    ask(listQuery('01', { ...DEFAULT_FILTERS, ...changes }, NOW, limit, here));
  const ids = async (changes: Partial<Filters>) => (await list(changes)).map(({ id }) => id).toSorted();

  it('show by each filter what it lets through, and the map the same', async () => {
    const open = ['days', 'fire', 'plain', 'police'];
    const cases: [Partial<Filters>, string[]][] = [
      [{}, open],
      [{ period: 'day' }, ['fire', 'plain', 'police']],
      [{ period: 'month' }, [...open, 'weeks'].toSorted()],
      [{ period: 'all' }, [...open, 'old', 'weeks'].toSorted()],
      [{ type: 'fire' }, ['fire']],
      [{ minSeverity: 4 }, ['fire']],
      [{ status: 'closed' }, ['closed']],
      [{ status: 'any' }, [...open, 'closed'].toSorted()],
      [{ verification: 'verified' }, ['police']],
      [{ official: true }, ['police']],
      [{ official: true, type: 'fire', minSeverity: 2, verification: 'verified', status: 'any' }, []],
    ];
    for (const [changes, expected] of cases) {
      expect(await ids(changes)).toEqual(expected);
      const onMap = await ask(mapQuery('01', { ...DEFAULT_FILTERS, ...changes }, NOW));
      expect(onMap.map(({ id }) => id).toSorted()).toEqual(expected);
    }
  });

  it('give a page and say how many there are; the nearest first where one knows where one is', async () => {
    const page = await list({}, undefined, 2);
    expect(page.map(({ id, total }) => [id, total])).toEqual([
      ['fire', 4],
      ['plain', 4],
    ]);
    const near = await list({}, { lat: 59.4, lon: 18 });
    expect(near.map(({ id }) => id)).toEqual(['fire', 'plain', 'days', 'police']);
    expect(near[0]?.distance_m).toBeCloseTo(0, 3);
    expect(near[1]?.distance_m).toBeCloseTo(11_119.5, -1);
    expect(near[3]?.distance_m).toBeNull();
  });

  it('are bounded, and the same query for ten minutes', () => {
    const at = (ms: number) => JSON.stringify(mapQuery('01', DEFAULT_FILTERS, NOW + ms));
    expect(at(0)).toContain(`LIMIT ${MAX_ON_MAP}`);
    expect(at(599_000)).toBe(at(0));
    expect(at(600_000)).not.toBe(at(0));
  });
});

describe('filtersInUse', () => {
  it('counts those that hide something that is shown at first, but for the period', () => {
    expect(filtersInUse(DEFAULT_FILTERS)).toBe(0);
    expect(filtersInUse({ ...DEFAULT_FILTERS, period: 'all', official: true, minSeverity: 3 })).toBe(2);
  });
});
