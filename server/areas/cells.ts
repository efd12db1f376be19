import { latLngToCell } from 'h3-js';
import { HaloError } from '../platform/errors.ts';

/**
 * Resolutions of the H3 cells that Halo speaks of: 5 has edges of some 10 km, which is as fine as the police feed's places
 * are, 11 of some 30 m, which is as fine as a phone measures.
 */
export const MIN_CELL_RESOLUTION = 5;
export const MAX_CELL_RESOLUTION = 11;

/**
 * The H3 cell of a point (WGS84 degrees).
 *
 * @throws HaloError `invalid_request` where the resolution is no whole number from 5 to 11, or the point is not on the globe:
 * H3 itself would take 360° for 0°
 */
export function cellOf(lat: number, lon: number, resolution: number): string {
  if (!Number.isInteger(resolution) || resolution < MIN_CELL_RESOLUTION || resolution > MAX_CELL_RESOLUTION) {
    const range = `from ${MIN_CELL_RESOLUTION} to ${MAX_CELL_RESOLUTION}`;
    throw new HaloError('invalid_request', `A cell's resolution is a whole number ${range}.`, {
      status: 400,
      field: 'resolution',
    });
  }
  if (!(Math.abs(lat) <= 90)) throw notOnTheGlobe('lat');
  if (!(Math.abs(lon) <= 180)) throw notOnTheGlobe('lon');
  return latLngToCell(lat, lon, resolution);
}

function notOnTheGlobe(field: 'lat' | 'lon'): HaloError {
  const [what, most] = field === 'lat' ? ['latitude', 90] : ['longitude', 180];
  return new HaloError('invalid_request', `A ${what} is from -${most} to ${most} degrees.`, {
    status: 400,
    field,
  });
}
