import { describe, expect, it } from 'vitest';
import type { AreaRow } from '../region/areas.ts';
import {
  MAX_WATCHED_COUNTIES,
  countiesOf,
  countyForecastBy,
  forecastsAt,
  watchedCounties,
} from './watched-counties.ts';

const centre = (code: string, parent_code: string | null, lat: number, lon: number): AreaRow => {
  return { code, kind: 'municipality', name: code, parent_code, lat, lon };
};
const AREAS = {
  municipalities: [
    centre('0180', '01', 59.33, 18.07),
    centre('0191', '01', 59.62, 17.72),
    centre('0330', '03', 59.73, 17.79),
    centre('0380', '03', 59.86, 17.64),
    centre('9999', null, 59.85, 17.6),
  ],
};
const at = (lat: number, lon: number, radius_m = 500) => ({ lat, lon, radius_m });
const STOCKHOLM = at(59.33, 18.06);
const UPPSALA = at(59.86, 17.63);

describe('the county of a watched place', () => {
  it('is that of the nearest municipality, and unknown until there are any', () => {
    expect(countiesOf(AREAS, STOCKHOLM)).toEqual(['01']);
    expect(countiesOf(AREAS, UPPSALA)).toEqual(['03']);
    expect(countiesOf({ municipalities: [] }, UPPSALA)).toEqual([]);
  });

  it('comes with the one across the border, where the border may be near or the place reaches over it', () => {
    expect(countiesOf(AREAS, at(59.67, 17.74))).toEqual(['01', '03']);
    expect(countiesOf(AREAS, at(59.33, 18.06, 50_000))).toEqual(['01', '03']);
  });
});

describe('the counties of all watched places', () => {
  it('are each named once, those with the most places first, in an order that only other places change', () => {
    expect(watchedCounties(AREAS, [STOCKHOLM, UPPSALA, UPPSALA])).toEqual(['03', '01']);
    expect(watchedCounties(AREAS, [UPPSALA, STOCKHOLM])).toEqual(
      watchedCounties(AREAS, [STOCKHOLM, UPPSALA]),
    );
    expect(watchedCounties(AREAS, [])).toEqual([]);
  });

  it('are bounded, and those across a border are the first to go', () => {
    const codes = ['11', '12', '13', '14', '15', '16'];
    const municipalities = codes.map((code, n) => centre(`${code}00`, code, 50 + n, 10));
    const beside = centre('1000', '10', 50.01, 10);
    const watched = watchedCounties(
      { municipalities: [beside, ...municipalities] },
      municipalities.map(({ lat, lon }) => at(lat, lon)),
    );
    expect(watched).toEqual(codes.slice(0, MAX_WATCHED_COUNTIES));
  });
});

it('tells of which places the device has no forecasts yet, of which it never will, and where none can raise a notice', () => {
  const device = {
    forecasts: ['01', '03'],
    watched: ['03', '04'],
    come: ['areas', 'predictions?region=01', 'predictions?region=06'],
    withSpots: ['01'],
  };
  expect(device.come.flatMap(countyForecastBy)).toEqual(['01', '06']);
  expect(['01', '03', '04', '05', '06'].map((county) => forecastsAt(county, device))).toEqual([
    'kept',
    'waiting',
    'waiting',
    'beyond',
    'noSpots',
  ]);
  // Nothing is said before the replica has answered.
  expect(forecastsAt('06', { ...device, withSpots: undefined })).toBe('kept');
});
