import type { Gazetteer } from '../areas/area.ts';
import type { ReportPlace } from './report.ts';

/**
 * The place of a position, with the areas that it lies in and how they were found. A position far from all of them is kept
 * without a region rather than refused or moved.
 */
export function placeOfPoint(
  gazetteer: Gazetteer,
  point: { readonly lat: number; readonly lon: number; readonly accuracyM: number },
): ReportPlace {
  const areas = gazetteer.areasOfPoint(point.lat, point.lon);
  return {
    lat: point.lat,
    lon: point.lon,
    precision: 'point',
    accuracyM: point.accuracyM,
    region: areas?.county ?? null,
    municipality: areas?.municipality ?? null,
    district: areas?.district ?? null,
    areaBasis: areas?.basis ?? null,
  };
}
