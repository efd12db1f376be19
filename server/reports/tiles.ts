/**
 * The Earth cut into tiles, for looking up what is near and for the locks of those who write there. Bands of latitude of
 * 0.02 degrees (2.2 km) are cut into columns that are between 1.9 and 9.7 km wide, and into one around each pole. The
 * numbers are made of steps that JavaScript and Postgres round alike, so that the function `tile_of` there gives the
 * same (a test compares them).
 */
const BANDS_PER_DEGREE = 50;
const EQUATOR = 90 * BANDS_PER_DEGREE;
/** How many numbers a band takes; no band has more columns. */
const BAND_NUMBERS = 16_384;

/** Up to how many bands from the equator a degree of longitude is cut into how many columns. */
const ZONES = [
  { untilBand: 66 * BANDS_PER_DEGREE, columnsPerDegree: 25 },
  { untilBand: 80 * BANDS_PER_DEGREE, columnsPerDegree: 10 },
  { untilBand: 88 * BANDS_PER_DEGREE, columnsPerDegree: 2 },
] as const;

/** A box of latitudes and longitudes in degrees; the longitudes may reach over the antimeridian, beyond ±180. */
export interface Box {
  readonly minLat: number;
  readonly maxLat: number;
  readonly minLon: number;
  readonly maxLon: number;
}

/** The numbers of the tiles that a box enters, ascending. */
export function tilesOf({ minLat, maxLat, minLon, maxLon }: Box): number[] {
  const tiles = new Set<number>();
  const last = bandOf(Math.min(90, maxLat));
  for (let band = bandOf(Math.max(-90, minLat)); band <= last; band += 1) {
    const columns = columnsOf(band);
    const from = columnOf(minLon, columns);
    // Around a pole a box may be wider than the whole circle of longitudes.
    const to = Math.min(columnOf(maxLon, columns), from + Math.max(columns, 1) - 1);
    for (let column = from; column <= to; column += 1)
      tiles.add(band * BAND_NUMBERS + modulo(column, columns));
  }
  return [...tiles].toSorted((a, b) => a - b);
}

function bandOf(lat: number): number {
  return Math.floor((lat + 90) * BANDS_PER_DEGREE);
}

/** Into how many columns a band is cut, all around the Earth; zero stands for one. */
function columnsOf(band: number): number {
  const distance = Math.abs(band - EQUATOR);
  return 360 * (ZONES.find(({ untilBand }) => distance < untilBand)?.columnsPerDegree ?? 0);
}

/** Counted on over the antimeridian. */
function columnOf(lon: number, columns: number): number {
  return Math.floor((lon + 180) * (columns / 360));
}

function modulo(column: number, columns: number): number {
  return columns === 0 ? 0 : ((column % columns) + columns) % columns;
}
