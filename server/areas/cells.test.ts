import { cellToLatLng, getResolution, UNITS, greatCircleDistance, getHexagonEdgeLengthAvg } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { cellOf, MAX_CELL_RESOLUTION, MIN_CELL_RESOLUTION } from './cells.ts';

const [LAT, LON] = [59.3326, 18.0649];

describe('cellOf', () => {
  it('gives the cell of each resolution that holds the point', () => {
    for (let resolution = MIN_CELL_RESOLUTION; resolution <= MAX_CELL_RESOLUTION; resolution += 1) {
      const cell = cellOf(LAT, LON, resolution);
      expect(getResolution(cell)).toBe(resolution);
      const awayM = greatCircleDistance(cellToLatLng(cell), [LAT, LON], UNITS.m);
      expect(awayM).toBeLessThan(1.5 * getHexagonEdgeLengthAvg(resolution, UNITS.m));
    }
  });

  it.each([4, 12, 9.5, -1, NaN])('refuses resolution %d', (resolution) => {
    expect(() => cellOf(LAT, LON, resolution)).toThrowError(
      expect.objectContaining({ code: 'invalid_request', status: 400, field: 'resolution' }),
    );
  });

  it.each([
    [90.1, LON, 'lat'],
    [NaN, LON, 'lat'],
    [LAT, 360, 'lon'],
    [LAT, -Infinity, 'lon'],
  ])('refuses %d, %d', (lat, lon, field) => {
    expect(() => cellOf(lat, lon, 9)).toThrowError(
      expect.objectContaining({ code: 'invalid_request', field }),
    );
  });
});
