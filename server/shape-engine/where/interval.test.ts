import { describe, expect, it } from 'vitest';
import { EvaluationError } from './evaluation-error.ts';
import {
  addIntervals,
  formatInterval,
  intervalOf,
  justifyInterval,
  lengthOf,
  negateInterval,
  parseInterval,
  parseIsoInterval,
} from './interval.ts';

const read = (text: string) => parseInterval(text)!;
const again = (text: string) => formatInterval(read(text));

describe('intervals', () => {
  it.each([
    ['0', 'PT0S'],
    ['1 day', 'P1D'],
    ['-1 day', 'P-1D'],
    ['2 weeks 1 day', 'P15D'],
    ['1 year -2 mons +3 days -04:05:06.789', 'P10M3DT-4H-5M-6.789S'],
    ['-0.5 seconds', 'PT-0.5S'],
    ['1h 30min', 'PT1H30M'],
    ['04:05', 'PT4H5M'],
    ['P-1Y2M-3DT-4H5M-6.789S', 'P-10M-3DT-3H-55M-6.789S'],
    ['P1W', 'P7D'],
  ])('reads %j as Postgres does', (text, printed) => {
    expect(again(text)).toBe(printed);
    expect(formatInterval(parseIsoInterval(printed)!)).toBe(printed);
  });

  it.each([
    '',
    ' ',
    '5',
    '1.5 days',
    '1 day 1 day',
    '04:05 1 hour',
    '1 fortnight',
    '04:60',
    'P',
    'PT',
    'P1DT',
  ])('refuses %j, which Postgres refuses too or reads by rules of its own', (text) =>
    expect(parseInterval(text)).toBe(undefined),
  );

  it('refuses what a field does not hold', () => {
    expect(parseInterval('2147483648 days')).toBe(undefined);
    expect(parseInterval('178956971 years')).toBe(undefined);
    expect(() => negateInterval(read('-2147483648 days'))).toThrow(EvaluationError);
    expect(() => addIntervals(read('2147483647 days'), read('1 day'))).toThrow(EvaluationError);
    expect(() => intervalOf(1n << 63n)).toThrow(EvaluationError);
  });

  it('counts a month as 30 days, and brings the fields to one sign', () => {
    expect(lengthOf(read('1 mon'))).toBe(lengthOf(read('29 days 24:00')));
    expect(formatInterval(justifyInterval(read('1 mon -1 hour')))).toBe('P29DT23H');
    expect(formatInterval(intervalOf(-90_000_000_000n))).toBe('P-1DT-1H');
  });
});
