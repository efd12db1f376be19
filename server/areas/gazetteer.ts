import { readGazetteerFile } from './gazetteer-file.ts';
import type { Area, Gazetteer } from './area.ts';

/** A point farther than this from every municipality's centre lies in none, in metres. */
export const MAX_CENTRE_DISTANCE_M = 150_000;
/** Mean radius of the Earth (IUGG), in metres. */
const EARTH_RADIUS_M = 6_371_008.8;
/** The square of the straight line through a sphere of radius 1 that joins two points at that distance. */
const MAX_CHORD_SQUARED = (2 * Math.sin(MAX_CENTRE_DISTANCE_M / (2 * EARTH_RADIUS_M))) ** 2;

/** The built-in gazetteer, or one over `areas`. */
export function createGazetteer(areas: readonly Area[] = readGazetteerFile()): Gazetteer {
  const all = Object.freeze([...areas]);
  const municipalities = all.filter(({ kind }) => kind === 'municipality');
  const centres = municipalities.map((area) => ({ area, at: onUnitSphere(area.lat, area.lon) }));
  const byCode = new Map(all.map((area) => [area.code, area]));
  const municipalityNames = new Map(municipalities.map((area) => [foldName(area.name), area]));
  const countyNames = new Map(
    all.filter(({ kind }) => kind === 'county').map((area) => [foldCountyName(area.name), area]),
  );
  return {
    all: () => all,
    byCode: (code) => byCode.get(code),
    countyByName: (name) => countyNames.get(foldCountyName(name)),
    municipalityByName: (name) => municipalityNames.get(foldName(name)),
    nearestMunicipality: (lat, lon) => nearest(centres, lat, lon),
  };
}

/**
 * Folds case, blanks (no-break ones too) and decomposed letters, and nothing else: å, ä and ö are letters of
 * their own, and Habo is not Håbo.
 */
function foldName(name: string): string {
  return name.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

/** "Stockholms län", "STOCKHOLMS" and "Stockholm" are one county; no county's own name ends in s. */
function foldCountyName(name: string): string {
  return foldName(name).replace(/ län$/u, '').replace(/s$/u, '');
}

interface Centre {
  readonly area: Area;
  readonly at: Point;
}
type Point = readonly [x: number, y: number, z: number];

/** Straight lines through the globe rank as the ways over it do, and cost no trigonometry for each centre. */
function nearest(centres: readonly Centre[], lat: number, lon: number): Area | undefined {
  const point = onUnitSphere(lat, lon);
  let best: Area | undefined;
  let least = MAX_CHORD_SQUARED;
  for (const { area, at } of centres) {
    const chordSquared = (at[0] - point[0]) ** 2 + (at[1] - point[1]) ** 2 + (at[2] - point[2]) ** 2;
    if (chordSquared >= least) continue;
    best = area;
    least = chordSquared;
  }
  return best;
}

function onUnitSphere(lat: number, lon: number): Point {
  const [phi, lambda] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}
