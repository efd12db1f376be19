import { describe, expect, it } from 'vitest';
import { bandOf, RISK_BANDS } from '@halo/shapes/taxonomy/risk-bands.ts';
import { RISK_CATEGORIES } from '@halo/shapes/taxonomy/risk-categories.ts';
import { CATEGORIES } from './categories.ts';
import type { PlaceForecast } from './forecast.ts';
import { rankForecasts } from './rank-forecasts.ts';

const place = (id: string, region: string | null = '01') => ({ id, lat: 59, lon: 18, region });
const forecast = (index: number, expected: number, window = 0): PlaceForecast => ({
  place: index,
  windowStart: new Date(window * 6 * 3_600_000),
  windowEnd: new Date((window + 1) * 6 * 3_600_000),
  expected,
  lower: expected / 2,
  upper: expected * 2,
  reasons: [],
});

describe('rankForecasts', () => {
  it('ranks within a county and a window, and gives equals the same place', () => {
    const places = [place('a'), place('b'), place('c'), place('d', '12'), place('e', null), place('f')];
    const ranked = rankForecasts(
      places,
      [1, 3, 3.0001, 2, 1, 0.004].map((expected, index) => forecast(index, expected)),
    );
    expect(Object.fromEntries(ranked.map(({ place: { id }, rank }) => [id, rank]))).toEqual({
      a: 3,
      b: 1,
      c: 1,
      d: 1,
      e: 1,
    });
  });

  it('keeps the places of the highest week, whichever window is asked for, and ranks among all', () => {
    const places = ['a', 'b', 'c'].map((id) => place(id));
    const first = [5, 0.1, 3].map((expected, index) => forecast(index, expected, 0));
    const second = [0, 9, 1].map((expected, index) => forecast(index, expected, 1));
    const ranked = rankForecasts(places, [...first, ...second], 2);
    expect(
      ranked.map(({ place: { id }, windowStart, rank }) => `${id} ${windowStart.getTime()} ${rank}`),
    ).toEqual(['a 0 1', 'b 0 3', 'b 21600000 1', 'a 21600000 3']);
  });

  it('has bands go by the mean of all windows and places of the county', () => {
    const places = [place('a'), place('b')];
    const ranked = rankForecasts(places, [
      forecast(0, 10),
      forecast(1, 1),
      forecast(0, 0.4, 1),
      forecast(1, 0, 1),
    ]);
    // The mean is 2.85.
    expect(ranked.map(({ expected, band }) => [expected, band])).toEqual([
      [10, 4],
      [1, 1],
      [0.4, 1],
      [0, 1],
    ]);
  });

  it('rounds to three digits, and keeps the three strongest reasons', () => {
    const reasons = ['a', 'b', 'c', 'd'].map((code) => ({ code, factor: 1.23456 }));
    const [row] = rankForecasts([place('a')], [{ ...forecast(0, 0.0123456), reasons }]);
    expect(row).toMatchObject({ expected: 0.0123, lower: 0.00617, upper: 0.0247 });
    expect(row!.reasons).toEqual(['a', 'b', 'c'].map((code) => ({ code, factor: 1.2 })));
  });

  it.each([
    { ...forecast(0, 1), expected: NaN },
    { ...forecast(0, 1), lower: -1 },
    { ...forecast(0, 1), upper: Infinity },
    { ...forecast(0, 1), lower: 2, upper: 3 },
    { ...forecast(0, 1), reasons: [{ code: 'a', factor: NaN }] },
    forecast(1, 1),
  ])('refuses what is no forecast: %j', (wrong) => {
    expect(() => rankForecasts([place('a')], [wrong])).toThrow(
      expect.objectContaining({ code: 'forecast_invalid' }),
    );
  });
});

describe('bands', () => {
  it('begin where they say', () => {
    for (const { band, from } of RISK_BANDS) expect(bandOf(from * 2, 2)).toBe(band);
    expect(bandOf(0.99, 2)).toBe(1);
    expect(bandOf(1, 0)).toBe(1);
  });
});

it('the categories of the contract are those that are forecast', () => {
  expect(Object.keys(CATEGORIES)).toEqual([...RISK_CATEGORIES]);
});
