import type { ChangeMessage, ShapeMessage } from '@halo/shapes/protocol/messages.ts';
import { isChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { parseOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { RealtimeSubscription } from '@halo/shapes/protocol/realtime.ts';
import { latLngToCell } from 'h3-js';
import { cellsOfCircle } from './circle-cells.ts';

/** Places that a digest tells apart; with more of them it concerns every circle. */
const MAX_PLACES = 100_000;

/** One prediction that was made or changed; null where one only went, as its window is over. */
export interface PredictionChange {
  readonly offset: LogOffset;
  readonly row: PredictionRow | null;
}

interface PredictionRow {
  readonly place: string;
  readonly region: string;
  /** WGS84 degrees. */
  readonly lat: number;
  readonly lon: number;
  readonly computedAt: string;
}

/** The changes in an answer of the shape engine. */
export function predictionChangesOf(json: string): PredictionChange[] {
  return (JSON.parse(json) as ShapeMessage[]).filter(isChangeMessage).map(changeOf);
}

function changeOf({ value, headers }: ChangeMessage): PredictionChange {
  const offset = parseOffset(`${headers.lsn}_${headers.op_position}`);
  if (offset?.kind !== 'log') throw new Error('a change without its place in the log');
  const { place, region, lat, lon, computed_at: computedAt } = value;
  if (headers.operation === 'delete' || typeof region !== 'string') return { offset, row: null };
  return {
    offset,
    row: { place: place ?? '', region, lat: Number(lat), lon: Number(lon), computedAt: computedAt ?? '' },
  };
}

/** What one run changed, in so much as somebody may want to know it without the rows. */
export class PredictionDigest {
  readonly regions: ReadonlyMap<string, number>;
  /** Null where nobody knows what changed. */
  readonly computedAt: string | null;
  readonly #places: ReadonlyMap<string, readonly [number, number]> | undefined;
  readonly #cells = new Map<number, ReadonlySet<string>>();

  constructor(
    regions: ReadonlyMap<string, number>,
    computedAt: string | null,
    places: ReadonlyMap<string, readonly [number, number]> | undefined,
  ) {
    this.regions = regions;
    this.computedAt = computedAt;
    this.#places = places;
  }

  /** That of a log that was begun anew: it concerns everybody. */
  static readonly unknown = new PredictionDigest(new Map(), null, undefined);

  /** Whether it is news for a subscription: in the county of its area, and in a cell of its circle. */
  concerns(
    { kinds = [], area, circle }: RealtimeSubscription,
    countyOf: (area: string) => string | undefined,
  ): boolean {
    if (!kinds.includes('predictions')) return false;
    if (this.computedAt === null) return true;
    if (area !== undefined && !this.regions.has(countyOf(area) ?? '')) return false;
    if (circle === undefined || this.#places === undefined) return true;
    const { resolution, cells } = cellsOfCircle(circle);
    const changed = this.#cellsAt(resolution, this.#places);
    return cells.some((cell) => changed.has(cell));
  }

  #cellsAt(resolution: number, places: ReadonlyMap<string, readonly [number, number]>): ReadonlySet<string> {
    let cells = this.#cells.get(resolution);
    if (cells === undefined) {
      cells = new Set([...places.values()].map(([lat, lon]) => latLngToCell(lat, lon, resolution)));
      this.#cells.set(resolution, cells);
    }
    return cells;
  }
}

/** Gathers the changes of one transaction, which is that of one run, and tells them as one. */
export class DigestCollector {
  readonly #tell: (digest: PredictionDigest) => void;
  #lsn: bigint | undefined;
  #regions = new Map<string, number>();
  #places = new Map<string, readonly [number, number]>();
  #computedAt = '';

  constructor(tell: (digest: PredictionDigest) => void) {
    this.#tell = tell;
  }

  add({ offset, row }: PredictionChange): void {
    if (offset.lsn !== this.#lsn) this.end();
    this.#lsn = offset.lsn;
    if (row === null) return;
    this.#regions.set(row.region, (this.#regions.get(row.region) ?? 0) + 1);
    if (this.#places.size <= MAX_PLACES) this.#places.set(row.place, [row.lat, row.lon]);
    this.#computedAt = row.computedAt;
  }

  /** The transaction is whole. */
  end(): void {
    const regions = this.#regions;
    if (regions.size > 0) {
      const places = this.#places.size > MAX_PLACES ? undefined : this.#places;
      this.#tell(new PredictionDigest(regions, this.#computedAt, places));
    }
    this.#regions = new Map();
    this.#places = new Map();
  }
}
