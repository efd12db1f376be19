import type { Gazetteer } from '../areas/area.ts';
import { publicPoint } from './public-point.ts';
import type { ReportPlace } from './report.ts';

/**
 * The place of a position, with the areas that its public point lies in and how they were found. Where a border crosses a
 * cell, areas of the position itself would tell everybody on which side it was. One far from all areas is kept without a
 * region rather than refused or moved.
 */
export function placeOfPoint(
  gazetteer: Gazetteer,
  point: { readonly lat: number; readonly lon: number; readonly accuracyM: number },
): ReportPlace {
  const shown = publicPoint(point);
  const areas = gazetteer.areasOfPoint(shown.lat, shown.lon);
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
