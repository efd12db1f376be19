import { describe, expect, it } from 'vitest';
import { wallClock } from '../../platform/wall-clock.ts';
import type { ColumnOf } from './columns.ts';
import { readRow } from './read-row.ts';
import type { RowReading } from './read-row.ts';

const columnOf: ColumnOf = Object.fromEntries(
  ['id', 'occurred_at', 'date', 'time', 'lat', 'lon', 'category', 'severity', 'description', 'known_at'].map(
    (field) => [field, field],
  ),
);
const reading: RowReading = {
  columnOf,
  clock: undefined,
  accuracyM: 100,
  placeOf: (point) => ({
    ...point,
    precision: 'point',
    region: null,
    municipality: null,
    district: null,
    areaBasis: null,
  }),
  now: new Date('2026-11-25T12:00:00Z'),
};
const inChicago = { ...reading, clock: wallClock('America/Chicago') };
const GOOD = {
  id: 'a-1',
  occurred_at: '2015-01-01T00:01:00-06:00',
  lat: '38.66',
  lon: '-90.21',
  category: 'Simple assault',
};
const read = (changes: Record<string, string>, how = reading) =>
  readRow({ line: 2, cells: { ...GOOD, ...changes }, raw: [] }, how);
const timeOf = (text: string, how = inChicago) => {
  const item = read({ occurred_at: text }, how);
  return typeof item === 'string' ? item : item.occurredAt?.toISOString();
};
const knownOf = (text: string, how = reading) => {
  const item = read({ known_at: text }, how);
  return typeof item === 'string' ? item : item.knownAt?.toISOString();
};

describe('readRow', () => {
  it('makes an item of a row', () => {
    expect(read({ known_at: '2015-01' })).toEqual({
      sourceId: 'a-1',
      kind: 'incident',
      rawType: 'Simple assault',
      type: 'assault',
      typeIsKnown: true,
      severity: 3,
      description: '',
      payload: { ...GOOD, known_at: '2015-01' },
      publishedAt: new Date('2015-02-01T12:00:00Z'),
      occurredAt: new Date('2015-01-01T06:01:00Z'),
      knownAt: new Date('2015-02-01T12:00:00Z'),
      place: expect.objectContaining({ lat: 38.66, lon: -90.21, accuracyM: 100 }) as unknown,
    });
  });

  it.each([
    ['id_missing', { id: ' ' }],
    ['id_too_long', { id: 'x'.repeat(81) }],
    ['time_missing', { occurred_at: '' }],
    ['time_missing', { occurred_at: '2015-01-01' }],
    ['time_missing', { occurred_at: '', date: '2015-01-01' }],
    ['time_unreadable', { occurred_at: '01/02/2015 13:00' }],
    ['time_unreadable', { occurred_at: '2015-02-30T10:00:00Z' }],
    ['time_unreadable', { occurred_at: '2015-01-01T24:00:00Z' }],
    ['time_without_zone', { occurred_at: '2015-01-01 13:00' }],
    ['time_in_future', { occurred_at: '2026-11-27T12:00:00Z' }],
    ['known_at_unreadable', { known_at: 'January' }],
    ['known_at_unreadable', { known_at: '2015-13' }],
    ['known_at_unreadable', { known_at: '2015-02-30' }],
    ['position_missing', { lat: '' }],
    ['position_missing', { lat: '0', lon: '0.0' }],
    ['position_unreadable', { lat: '91' }],
    ['position_unreadable', { lon: '-90,21' }],
    ['category_missing', { category: ' ' }],
    ['category_too_long', { category: 'x'.repeat(121) }],
    ['severity_invalid', { severity: '6' }],
    ['description_too_long', { description: 'x'.repeat(4_001) }],
    ['text_unstorable', { description: 'a\u0000b' }],
  ])('says %s of %j', (reason, changes) => {
    expect(read(changes)).toBe(reason);
  });

  it('takes severity and description where they are given, and an unknown type as another', () => {
    expect(read({ severity: '5', description: ' at night ', category: 'loitering' })).toMatchObject({
      severity: 5,
      description: 'at night',
      type: 'other',
      typeIsKnown: false,
      rawType: 'loitering',
    });
  });

  it('knows a row without an id by all of its cells', () => {
    const { id: _, ...others } = columnOf;
    const withoutIds = { ...reading, columnOf: others };
    const keys = [{}, {}, { description: 'x' }].map((changes) => {
      const item = read(changes, withoutIds);
      return typeof item === 'string' ? item : item.sourceId;
    });
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('reads times of a zone, over both changes of its clocks', () => {
    expect(timeOf('2015-07-01 13:00:30')).toBe('2015-07-01T18:00:30.000Z');
    expect(timeOf('2015-03-08 01:59')).toBe('2015-03-08T07:59:00.000Z');
    expect(timeOf('2015-03-08 02:30')).toBe('time_skipped');
    expect(timeOf('2015-03-08 03:00')).toBe('2015-03-08T08:00:00.000Z');
    // Twice on this day; the earlier.
    expect(timeOf('2015-11-01 01:30')).toBe('2015-11-01T06:30:00.000Z');
    expect(timeOf('2015-11-01 02:00')).toBe('2015-11-01T08:00:00.000Z');
    expect(timeOf('2014-12-31 23:59')).toBe('2015-01-01T05:59:00.000Z');
    expect(timeOf('2015-01-01T10:00:00+0530')).toBe('2015-01-01T04:30:00.000Z');
  });

  it('counts an entry as known when its day or month has ended, everywhere where no zone is given', () => {
    expect(knownOf('2015-01', inChicago)).toBe('2015-02-01T06:00:00.000Z');
    expect(knownOf('2015-12', inChicago)).toBe('2016-01-01T06:00:00.000Z');
    expect(knownOf('2015-01-31')).toBe('2015-02-01T12:00:00.000Z');
    expect(knownOf('2015-01-31 08:00')).toBe('2015-01-31T20:00:00.000Z');
    expect(knownOf('2015-01-31T08:00:00Z')).toBe('2015-01-31T08:00:00.000Z');
  });

  it('takes nothing for known before it happened', () => {
    expect(knownOf('2014-12')).toBe('2015-01-01T12:00:00.000Z');
    expect(knownOf('2014-11')).toBe('2015-01-01T06:01:00.000Z');
  });
});
