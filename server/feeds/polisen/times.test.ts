import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventTime, parsePublishedAt } from './times.ts';

const at = (iso: string) => new Date(iso);

const swedish = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Stockholm',
  day: '2-digit',
  month: 'long',
  hour: '2-digit',
  minute: '2-digit',
});
/** As the feed writes a time in a name: "02 december 06.43". */
function wallTextOf(instant: Date): string {
  const parts = new Map(swedish.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${parts.get('day')} ${parts.get('month')} ${parts.get('hour')}.${parts.get('minute')}`;
}

describe('parsePublishedAt', () => {
  it.each([
    ['2025-01-01 9:05:00 +01:00', '2025-01-01T08:05:00Z'],
    ['2024-10-01 7:48:03 +02:00', '2024-10-01T05:48:03Z'],
    ['2024-12-31 23:59:59 +01:00', '2024-12-31T22:59:59Z'],
    ['2025-07-01 0:00:00 -01:30', '2025-07-01T01:30:00Z'],
  ])('reads %s', (text, iso) => {
    expect(parsePublishedAt(text)).toEqual(at(iso));
  });

  it.each([
    '2025-01-01T09:05:00+01:00',
    '2025-02-30 9:05:00 +01:00',
    '2025-01-01 24:05:00 +01:00',
    '2025-01-01 9:05:00',
    '',
  ])('refuses %j', (text) => {
    expect(parsePublishedAt(text)).toBeUndefined();
  });
});

describe('eventTime', () => {
  it.each([
    ['a point', '02 december 06.43, Stöld, Örebro', '2024-12-02T06:00:00Z', '2024-12-02T05:43:00Z'],
    ['a colon', '2 juni 14:21, Stöld, Örebro', '2023-06-02T13:00:00Z', '2023-06-02T12:21:00Z'],
    ['last year', '31 december 23.50, Brand, Umeå', '2024-12-31T23:30:00Z', '2024-12-31T22:50:00Z'],
    ['the year before', '30 december 18.00, Brand, Umeå', '2025-01-02T08:00:00Z', '2024-12-30T17:00:00Z'],
    ['the year to come', '01 januari 00.05, Brand, Umeå', '2024-12-31T22:58:00Z', '2024-12-31T23:05:00Z'],
    ['a leap day', '29 februari 12.00, Brand, Umeå', '2024-03-01T10:00:00Z', '2024-02-29T11:00:00Z'],
  ])('infers what the name leaves out: %s', (_, name, publishedAt, iso) => {
    expect(eventTime(name, at(publishedAt))).toEqual(at(iso));
  });

  it('takes the reading nearest to the publication in the hour that autumn repeats', () => {
    const name = '27 oktober 02.30, Misshandel, Malmö';
    expect(eventTime(name, at('2024-10-27T00:40:00Z'))).toEqual(at('2024-10-27T00:30:00Z'));
    expect(eventTime(name, at('2024-10-27T01:40:00Z'))).toEqual(at('2024-10-27T01:30:00Z'));
    // Exactly between the two, the earlier: what is published has happened.
    expect(eventTime(name, at('2024-10-27T01:00:00Z'))).toEqual(at('2024-10-27T00:30:00Z'));
  });

  it('takes the reading nearest to the publication in the hour that spring skips', () => {
    const name = '31 mars 02.30, Misshandel, Malmö';
    expect(eventTime(name, at('2024-03-31T00:40:00Z'))).toEqual(at('2024-03-31T00:30:00Z'));
    expect(eventTime(name, at('2024-03-31T05:00:00Z'))).toEqual(at('2024-03-31T01:30:00Z'));
  });

  it('knows the offset on both sides of a change', () => {
    expect(eventTime('31 mars 01.59, Rån, Malmö', at('2024-03-31T04:00:00Z'))).toEqual(
      at('2024-03-31T00:59:00Z'),
    );
    expect(eventTime('31 mars 03.00, Rån, Malmö', at('2024-03-31T04:00:00Z'))).toEqual(
      at('2024-03-31T01:00:00Z'),
    );
    expect(eventTime('27 oktober 03.00, Rån, Malmö', at('2024-10-27T04:00:00Z'))).toEqual(
      at('2024-10-27T02:00:00Z'),
    );
  });

  it('gives back any instant around changes of the clock and New Year, however late it was published', () => {
    const turns = ['2024-03-31T01:00Z', '2024-10-27T01:00Z', '2025-03-30T01:00Z', '2024-12-31T23:00Z'];
    const minutes = fc.integer({ min: -26 * 60, max: 26 * 60 });
    fc.assert(
      fc.property(fc.constantFrom(...turns), minutes, fc.nat(26 * 60), (turn, apart, lag) => {
        const instant = new Date(Date.parse(turn) + apart * 60_000);
        const publishedAt = new Date(instant.getTime() + lag * 60_000);
        const found = eventTime(`${wallTextOf(instant)}, Rån, Malmö`, publishedAt);
        // In the hour that is repeated nobody can tell which was meant: it is one that reads the same.
        const isRepeated = [-1, 1].some(
          (by) => wallTextOf(new Date(instant.getTime() + by * 3_600_000)) === wallTextOf(instant),
        );
        if (isRepeated) expect(found && wallTextOf(found)).toBe(wallTextOf(instant));
        else expect(found).toEqual(instant);
      }),
      { numRuns: 2_000 },
    );
  });

  it('says nothing about a time more than a day after the publication', () => {
    expect(eventTime('03 december 08.00, Rån, Malmö', at('2024-12-02T06:00:00Z'))).toBeNull();
    expect(eventTime('03 december 06.59, Rån, Malmö', at('2024-12-02T06:00:00Z'))).not.toBeNull();
  });

  it.each([
    'Rån, Malmö',
    '02 frimaire 06.43, Rån, Malmö',
    '31 juni 10.00, Rån, Malmö',
    '02 maj 24.10, Rån, Malmö',
  ])('says nothing where the name says none: %s', (name) => {
    expect(eventTime(name, at('2024-06-02T06:00:00Z'))).toBeNull();
  });
});
