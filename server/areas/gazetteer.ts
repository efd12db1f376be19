import { greatCircleDistance, UNITS } from 'h3-js';
import { readGazetteerFile } from './gazetteer-file.ts';
import type { Area, Gazetteer } from './area.ts';

/** A point farther than this from every municipality's centre lies in none, in metres. */
export const MAX_CENTRE_DISTANCE_M = 150_000;
/** Less than the length of a degree of latitude anywhere, in metres: for lower bounds of a distance. */
const LEAST_METRES_PER_DEGREE_LAT = 110_000;

/** The built-in gazetteer, or one over `areas`. */
export function createGazetteer(areas: readonly Area[] = readGazetteerFile()): Gazetteer {
  const all = Object.freeze([...areas]);
  const municipalities = all.filter(({ kind }) => kind === 'municipality');
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
    nearestMunicipality: (lat, lon) => nearest(municipalities, lat, lon),
  };
}

/**
 * Folds case, blanks (no-break ones too) and decomposed letters, and nothing else: å, ä and ö are letters of
 * their own, and Habo is not Håbo.
 */
export function foldName(name: string): string {
  return name.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

/** "Stockholms län", "STOCKHOLMS" and "Stockholm" are one county; no county's own name ends in s. */
function foldCountyName(name: string): string {
  return foldName(name).replace(/ län$/u, '').replace(/s$/u, '');
}

function nearest(municipalities: readonly Area[], lat: number, lon: number): Area | undefined {
  let best: Area | undefined;
  let bestM = MAX_CENTRE_DISTANCE_M;
  for (const area of municipalities) {
    // The difference in latitude alone is a lower bound of the distance, and costs no trigonometry.
    if (Math.abs(area.lat - lat) * LEAST_METRES_PER_DEGREE_LAT > bestM) continue;
    const distance = greatCircleDistance([lat, lon], [area.lat, area.lon], UNITS.m);
    if (distance > bestM || (distance === bestM && best !== undefined)) continue;
    best = area;
    bestM = distance;
  }
  return best;
}
