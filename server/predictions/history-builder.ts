import { cellToLatLng, latLngToCell } from 'h3-js';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { History, Place, PlaceKind } from './forecast.ts';
import { HistoryColumns } from './history-columns.ts';

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
  /** How many incidents it has. */
  readonly size: number;
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
  const columns = new HistoryColumns(zone, kind === 'municipality' ? municipalities : []);
  return {
    get size() {
      return columns.size;
    },
    add({ type, occurredAtMs, knownAtMs, lat, lon, region, municipality, isPoint }) {
      if (kind === 'municipality') {
        const place = columns.indexOf(municipality ?? '');
        if (place !== undefined) columns.add(place, type, occurredAtMs, knownAtMs);
        return;
      }
      if (!isPoint) return;
      const cell = latLngToCell(lat, lon, RESOLUTIONS[kind]);
      const place = columns.indexOf(cell) ?? columns.addPlace(cell, cellToLatLng(cell));
      columns.countRegion(place, region);
      columns.add(place, type, occurredAtMs, knownAtMs);
    },
    build: () => columns.build(),
  };
}
