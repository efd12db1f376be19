import { cellToLatLng, latLngToCell } from 'h3-js';
import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { History, Place, PlaceKind } from './forecast.ts';

/** One incident, as a history takes it. */
export interface HistoryIncident {
  readonly type: IncidentType;
  readonly occurredAtMs: number;
  readonly knownAtMs: number;
  /** WGS84 degrees. */
  readonly lat: number;
  readonly lon: number;
  /** Codes of its county and municipality; null where they are not known. */
  readonly region: string | null;
  readonly municipality: string | null;
  /** Whether its position is a point; else it is a centre of an area. */
  readonly isPoint: boolean;
}

/** Gathers incidents into a history of one kind of place. */
export interface HistoryBuilder {
  /** Adds an incident; one without such a place is left out: an area's centre is in no cell. */
  add(incident: HistoryIncident): void;
  build(): History;
}

const RESOLUTIONS: Readonly<Record<Exclude<PlaceKind, 'municipality'>, number>> = {
  'cell-9': 9,
  'cell-10': 10,
};

/**
 * A builder for a kind of place and a zone. `municipalities` gives those that are known, all of which are forecast: also where
 * nothing has happened yet. Cells are forecast from their first incident on.
 */
export function createHistoryBuilder(
  kind: PlaceKind,
  zone: string,
  municipalities: readonly Place[],
): HistoryBuilder {
  const places: Place[] = kind === 'municipality' ? [...municipalities] : [];
  const indexOf = new Map(places.map(({ id }, index) => [id, index]));
  const columns = {
    place: [] as number[],
    occurredAt: [] as number[],
    knownAt: [] as number[],
    type: [] as number[],
  };

  const placeOf = (incident: HistoryIncident): number | undefined => {
    if (kind === 'municipality') return indexOf.get(incident.municipality ?? '');
    if (!incident.isPoint) return undefined;
    const id = latLngToCell(incident.lat, incident.lon, RESOLUTIONS[kind]);
    const known = indexOf.get(id);
    if (known !== undefined) return known;
    const [lat, lon] = cellToLatLng(id);
    indexOf.set(id, places.length);
    return places.push({ id, lat, lon, region: incident.region }) - 1;
  };

  return {
    add(incident) {
      const place = placeOf(incident);
      if (place === undefined) return;
      columns.place.push(place);
      columns.occurredAt.push(incident.occurredAtMs);
      columns.knownAt.push(incident.knownAtMs);
      columns.type.push(INCIDENT_TYPES.indexOf(incident.type));
    },
    build: () => ({
      places,
      place: Int32Array.from(columns.place),
      occurredAt: Float64Array.from(columns.occurredAt),
      knownAt: Float64Array.from(columns.knownAt),
      type: Uint8Array.from(columns.type),
      zone,
    }),
  };
}
