import type { Gazetteer } from '../../areas/area.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import type { Pool } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RunTrigger } from '../run-trigger.ts';

/** A polygon or several, as GeoJSON has them. */
export type Geometry =
  | { readonly type: 'Polygon'; readonly coordinates: [number, number][][] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: [number, number][][][] };

/** What the routes of predictions need from outside. */
export interface PredictionRoutesParts {
  readonly pool: Pool;
  readonly gazetteer: Gazetteer;
  /** The outline of an area by its code; null where no file gave one. */
  readonly outlineOf: (code: string) => Geometry | null;
  readonly requireCaller: RequireCaller;
  readonly runs: RunTrigger;
  readonly clock: Clock;
}

/** Answers depend on who asks and when. */
export const NO_STORE = { 'cache-control': 'private, no-store' };
