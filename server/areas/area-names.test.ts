import { describe, expect, it } from 'vitest';
import { displayName, foldCountyName, foldName } from './area-names.ts';

describe('foldName', () => {
  it.each([
    ['Upplands väsby', 'Upplands Väsby'],
    ['Dals-ed', 'Dals-Ed'],
    ['DALS\u2011ED', 'Dals-Ed'],
    ['  östra\u00a0GÖINGE\t', 'Östra Göinge'],
    ['Malmo\u0308', 'MALMÖ'],
    ['Upplands\u00adVäsby', 'UpplandsVäsby'],
  ])('takes %j for %j', (written, name) => {
    expect(foldName(written)).toBe(foldName(name));
  });

  it.each([
    ['Habo', 'Håbo'],
    ['Malmo', 'Malmö'],
    ['Upplands', 'Upplands Väsby'],
    ['Dals Ed', 'Dals-Ed'],
  ])('tells %j from %j', (a, b) => {
    expect(foldName(a)).not.toBe(foldName(b));
  });
});

it('foldCountyName does without "län" and the genitive', () => {
  for (const name of ['Skåne', 'SKÅNE LÄN', 'Skånes', 'skåne\u00a0län'])
    expect(foldCountyName(name)).toBe('skåne');
});

it('displayName takes capitals from names that are all capitals', () => {
  expect(displayName('SÖDRA ÄNGBY')).toBe('Södra Ängby');
  expect(displayName(' A\u030aRSTA  ')).toBe('Årsta');
  expect(displayName("L'ÎLE-D'OR")).toBe("L'île-D'or");
  expect(displayName('Gamla stan')).toBe('Gamla stan');
  expect(displayName('Å')).toBe('Å');
});
