import type { Area, Gazetteer } from '../../areas/area.ts';
import type { ReportPlace } from '../../reports/report.ts';

/**
 * The area of an event: the finest one that can be trusted. `location` names a municipality or, always
 * since 2026-01-20, its county; then the municipality, where given, is the last part of `name`, and it is
 * believed only when it lies in that county. The feed's own coordinates are centres of areas in varying
 * spellings, so the gazetteer's are used. Undefined when neither field names an area of Sweden.
 */
export function placeOf(
  gazetteer: Gazetteer,
  event: { readonly name: string; readonly locationName: string | null },
): ReportPlace | undefined {
  const lastPart = event.name.slice(event.name.lastIndexOf(',') + 1);
  const fromName = areaNamed(gazetteer, lastPart);
  if (event.locationName === null) return fromName && placeAt(fromName);
  const declared = areaNamed(gazetteer, event.locationName);
  if (declared?.kind === 'county' && fromName?.parentCode === declared.code) return placeAt(fromName);
  return declared && placeAt(declared);
}

function areaNamed(gazetteer: Gazetteer, name: string): Area | undefined {
  return gazetteer.municipalityByName(name) ?? gazetteer.countyByName(name);
}

function placeAt(area: Area): ReportPlace {
  const isMunicipality = area.kind === 'municipality';
  return {
    lat: area.lat,
    lon: area.lon,
    precision: isMunicipality ? 'municipality' : 'county',
    accuracyM: null,
    region: isMunicipality ? area.parentCode : area.code,
    municipality: isMunicipality ? area.code : null,
    district: null,
    areaBasis: 'declared',
  };
}
