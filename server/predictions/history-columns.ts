import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { History, Place } from './forecast.ts';

const FIRST_CAPACITY = 1_024;

interface GrowingPlace {
  readonly id: string;
  readonly lat: number;
  readonly lon: number;
  /** How many of its incidents lie in each county. */
  readonly regions: Map<string | null, number>;
}

/** Puts a history together from incidents in any order, in memory that grows with them and by little. */
export class HistoryColumns {
  readonly #zone: string;
  readonly #places: GrowingPlace[] = [];
  readonly #indexes = new Map<string, number>();
  #size = 0;
  #place = new Int32Array(FIRST_CAPACITY);
  #occurredAt = new Float64Array(FIRST_CAPACITY);
  #knownAt = new Float64Array(FIRST_CAPACITY);
  #type = new Uint8Array(FIRST_CAPACITY);

  /** `places` are there from the beginning, whether anything has happened there or not. */
  constructor(zone: string, places: readonly Place[]) {
    this.#zone = zone;
    for (const place of places) this.addPlace(place.id, [place.lat, place.lon], new Map([[place.region, 1]]));
  }

  /** How many incidents it has. */
  get size(): number {
    return this.#size;
  }

  /** The index of a place that is there. */
  indexOf(id: string): number | undefined {
    return this.#indexes.get(id);
  }

  /** Adds a place with its latitude and longitude; gives its index. */
  addPlace(
    id: string,
    [lat, lon]: readonly [number, number],
    regions = new Map<string | null, number>(),
  ): number {
    const index = this.#places.push({ id, lat, lon, regions }) - 1;
    this.#indexes.set(id, index);
    return index;
  }

  /** Notes that an incident of a place lies in a county. */
  countRegion(place: number, region: string | null): void {
    const { regions } = this.#places[place]!;
    regions.set(region, (regions.get(region) ?? 0) + 1);
  }

  /** Adds an incident; times are milliseconds since 1970. */
  add(place: number, type: IncidentType, occurredMs: number, knownMs: number): void {
    if (this.#size === this.#place.length) this.#grow();
    this.#place[this.#size] = place;
    this.#occurredAt[this.#size] = occurredMs;
    this.#knownAt[this.#size] = knownMs;
    this.#type[this.#size] = INCIDENT_TYPES.indexOf(type);
    this.#size += 1;
  }

  /** The history; its places are in the order in which they came. */
  build(): History {
    return {
      places: this.#places.map(placeOf),
      place: this.#place.slice(0, this.#size),
      occurredAt: this.#occurredAt.slice(0, this.#size),
      knownAt: this.#knownAt.slice(0, this.#size),
      type: this.#type.slice(0, this.#size),
      zone: this.#zone,
    };
  }

  #grow(): void {
    const capacity = this.#place.length * 2;
    const grown = {
      place: new Int32Array(capacity),
      occurredAt: new Float64Array(capacity),
      knownAt: new Float64Array(capacity),
      type: new Uint8Array(capacity),
    };
    grown.place.set(this.#place);
    grown.occurredAt.set(this.#occurredAt);
    grown.knownAt.set(this.#knownAt);
    grown.type.set(this.#type);
    this.#place = grown.place;
    this.#occurredAt = grown.occurredAt;
    this.#knownAt = grown.knownAt;
    this.#type = grown.type;
  }
}

/** A cell may lie in two counties: it counts to the one with most of its incidents, of as many to the lower code. */
function placeOf({ id, lat, lon, regions }: GrowingPlace): Place {
  let region: string | null = null;
  let most = 0;
  for (const [code, count] of regions) {
    if (code === null || count < most || (count === most && region !== null && code > region)) continue;
    region = code;
    most = count;
  }
  return { id, lat, lon, region };
}
