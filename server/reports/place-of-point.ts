import type { Gazetteer } from '../areas/area.ts';
import type { ReportPlace } from './report.ts';

/**
 * The place of a position: its municipality is the one whose centre is nearest, its region that one's
 * county. A position far from all of them is kept without a region rather than refused or moved.
 */
export function placeOfPoint(
  gazetteer: Gazetteer,
  point: { readonly lat: number; readonly lon: number; readonly accuracyM: number },
): ReportPlace {
  const municipality = gazetteer.nearestMunicipality(point.lat, point.lon);
  const region = municipality?.parentCode ?? null;
  return {
    lat: point.lat,
    lon: point.lon,
    precision: 'point',
    accuracyM: point.accuracyM,
    region,
    municipality: municipality?.code ?? null,
    areaBasis: region === null ? null : 'nearest_centre',
  };
}
