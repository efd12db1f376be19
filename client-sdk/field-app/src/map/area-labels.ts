import type { Areas } from '../region/areas.ts';
import type { MapIncident } from '../incidents/incident.ts';
import type { MapLabel } from './labels.ts';

/** From this zoom on municipalities are named instead of counties. */
const MUNICIPALITY_ZOOM = 6.5;
const FAR = 24;

/**
 * Names for the map: counties from afar, municipalities from nearer, those with the most incidents first; the
 * number of incidents stands with the name where there are several.
 */
export function areaLabels(
  { counties, municipalities }: Areas,
  region: string | undefined,
  incidents: readonly MapIncident[],
): MapLabel[] {
  const counts = new Map<string, number>();
  for (const { municipality } of incidents) {
    if (municipality !== null) counts.set(municipality, (counts.get(municipality) ?? 0) + 1);
  }
  const here = (code: string | null) => (code === region ? 1 : 0);
  return [
    ...counties.map(({ code, name, lat, lon }) => ({
      text: name.replace(/s? län$/, ''),
      lat,
      lon,
      minZoom: 0,
      maxZoom: MUNICIPALITY_ZOOM,
      rank: here(code),
      kind: 'county' as const,
    })),
    ...municipalities.map(({ code, parent_code, name, lat, lon }) => {
      const count = counts.get(code) ?? 0;
      return {
        text: count > 1 ? `${name} · ${count}` : name,
        lat,
        lon,
        minZoom: MUNICIPALITY_ZOOM,
        maxZoom: FAR,
        rank: count + here(parent_code) / 2,
        kind: 'municipality' as const,
      };
    }),
  ];
}
