import type { Feature, FeatureCollection, Point, Polygon } from 'geojson';
import type { MapIncident } from '../incidents/incident.ts';
import { isAreaOnly } from '../incidents/incident.ts';

/** What a circle on the map stands for. */
export interface SpotProperties {
  /** Ids of its incidents, the newest first, at most 100, joined by commas (map features carry flat values). */
  readonly ids: string;
  readonly count: number;
  /** Highest severity among them. */
  readonly severity: number;
  readonly verification: string;
}

/** Incidents that a circle names, so that one press does not carry thousands. */
const MAX_IDS = 100;

type Spots = FeatureCollection<Point, SpotProperties>;

/** Incidents whose spot is known: one circle each. */
export function pointSpots(incidents: readonly MapIncident[]): Spots {
  const features = incidents
    .filter((incident) => !isAreaOnly(incident))
    .map((incident) => spot([incident]))
    // Later ones are drawn over earlier ones: the gravest on top.
    .toSorted((a, b) => a.properties.severity - b.properties.severity);
  return { type: 'FeatureCollection', features };
}

/**
 * Incidents of which only the area is known: one wide circle for each area, since all of them lie at its
 * centre and would hide one another.
 */
export function areaSpots(incidents: readonly MapIncident[]): Spots {
  const groups = new Map<string, MapIncident[]>();
  for (const incident of incidents.filter(isAreaOnly)) {
    const centre = `${incident.lat},${incident.lon}`;
    const group = groups.get(centre);
    if (group === undefined) groups.set(centre, [incident]);
    else group.push(incident);
  }
  return { type: 'FeatureCollection', features: [...groups.values()].map((group) => spot(group)) };
}

function spot(incidents: readonly MapIncident[]): Feature<Point, SpotProperties> {
  const [first] = incidents;
  if (first === undefined) throw new Error('a spot without incidents');
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [first.lon, first.lat] },
    properties: {
      ids: incidents
        .slice(0, MAX_IDS)
        .map(({ id }) => id)
        .join(','),
      count: incidents.length,
      severity: incidents.reduce((most, { severity }) => Math.max(most, severity), 0),
      verification: first.verification,
    },
  };
}

const EARTH_RADIUS_M = 6_371_008.8;
const CIRCLE_CORNERS = 64;

/** A circle on the ground, as a polygon; for radii that are small beside the earth. */
export function groundCircle(
  { lat, lon }: { readonly lat: number; readonly lon: number },
  radiusM: number,
): Feature<Polygon> {
  const degrees = ((radiusM / EARTH_RADIUS_M) * 180) / Math.PI;
  const shrink = Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  const ring = Array.from({ length: CIRCLE_CORNERS + 1 }, (_, n) => {
    const angle = ((n % CIRCLE_CORNERS) * 2 * Math.PI) / CIRCLE_CORNERS;
    return [lon + (degrees / shrink) * Math.cos(angle), lat + degrees * Math.sin(angle)];
  });
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
}
