import { describe, expect, it } from 'vitest';
import { findColumns } from './columns.ts';

const code = (columns: string[], ...maps: [string, string][]) => {
  try {
    findColumns(
      columns,
      maps.map(([column, field]) => ({ column, field })),
    );
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const COLUMNS = ['ID', 'Occurred At', 'Latitude', 'Lng', 'Primary Type'];

describe('findColumns', () => {
  it('finds columns by their names, whatever the case and punctuation', () => {
    expect(findColumns(COLUMNS, [])).toEqual({
      id: 'ID',
      occurred_at: 'Occurred At',
      lat: 'Latitude',
      lon: 'Lng',
      category: 'Primary Type',
    });
  });

  it('takes the first name of several, and what it is told before any', () => {
    const columns = [...COLUMNS, 'type', 'x', 'when', 'case_number'];
    expect(findColumns(columns, [])).toMatchObject({ category: 'type', lon: 'Lng', id: 'ID' });
    const maps = [
      { column: 'when', field: 'occurred_at' },
      { column: 'ID', field: 'description' },
    ];
    expect(findColumns(columns, maps)).toMatchObject({
      occurred_at: 'when',
      description: 'ID',
      id: 'case_number',
    });
  });

  it('makes do with a date and a time, and with neither id nor more', () => {
    expect(findColumns(['date', 'time', 'y', 'x', 'offense'], [])).toEqual({
      date: 'date',
      time: 'time',
      lat: 'y',
      lon: 'x',
      category: 'offense',
    });
  });

  it('lets one column be two fields where it is said', () => {
    const maps = [{ column: 'Occurred At', field: 'known_at' }];
    const both = [...maps, { column: 'Occurred At', field: 'occurred_at' }];
    expect(findColumns(COLUMNS, both)).toMatchObject({ known_at: 'Occurred At', occurred_at: 'Occurred At' });
    expect(code(COLUMNS, ['Occurred At', 'known_at'])).toBe('import_columns_missing');
  });

  it('says by name what is missing, and how to give it', () => {
    expect(() => findColumns(['when', 'lat', 'kind'], [])).toThrow(
      expect.objectContaining({
        code: 'import_columns_missing',
        message:
          'The file has no column that is taken for occurred_at (or date and time), lon, category; it has when, lat, kind.',
        hint: 'Name it: --map "COLUMN=occurred_at".',
      }),
    );
  });

  it('refuses what cannot be meant', () => {
    expect(code(COLUMNS, ['Latitude', 'hight'])).toBe('import_field_unknown');
    expect(code(COLUMNS, ['Lat', 'lat'])).toBe('import_column_unknown');
    expect(code(COLUMNS, ['Latitude', 'lat'], ['ID', 'lat'])).toBe('import_field_mapped_twice');
    expect(code(['lat', 'lat'])).toBe('import_columns_doubled');
    expect(code(COLUMNS, ['ID', 'constructor'])).toBe('import_field_unknown');
  });
});
