import { nearestMunicipality } from '../region/areas.ts';
import type { Areas } from '../region/areas.ts';
import { t } from '../texts/texts.ts';
import { isCell } from './risk-place.ts';
import type { RiskPlace } from './risk-place.ts';

/** What a place is called: an area by its name, a cell by the municipality whose centre is nearest. */
export function placeName(
  areas: Pick<Areas, 'find' | 'municipalities'>,
  place: Pick<RiskPlace, 'place' | 'place_kind' | 'lat' | 'lon'>,
): string {
  if (!isCell(place)) return areas.find(place.place)?.name ?? place.place;
  const nearest = nearestMunicipality(areas, place);
  return nearest === undefined ? t.risk.cell : t.risk.cellNear(nearest.name);
}
