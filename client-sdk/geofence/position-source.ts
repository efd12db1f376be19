import type { HaloClientError } from '../errors.ts';
import type { DevicePosition, RiskNotice } from './geofence.ts';

/** A position as a source gives it: WGS84 degrees, and the radius of its uncertainty in metres. */
export type SourcePosition = Pick<DevicePosition, 'lat' | 'lon' | 'accuracyM'>;

/**
 * Gives positions until what it returns is called: `browserPositions()` of `@halo/client/browser`, or any function.
 * `tell` takes a position whenever there is one, and never throws; `fail` says why there is none (code
 * `position_denied` or `position_unavailable`), and more may come after it.
 */
export type PositionSource = (
  tell: (position: SourcePosition) => void,
  fail: (error: HaloClientError) => void,
) => () => void;

/**
 * Places and their risks, out of the replica alone. Each row is one place, or a part of one, in one window of time:
 *
 * | column | meaning |
 * |---|---|
 * | `place_id` | text or uuid, the same at each asking |
 * | `risk` | a number |
 * | `cell`, or `polygons`, or `lat`, `lon`, `radius_m` | an H3 cell (text), or GeoJSON coordinates of a MultiPolygon (json), or a circle in degrees and metres |
 * | `name` | text, optional: for the notice |
 * | `threshold` | optional: least risk that is worth a notice, else that of the options |
 * | `window_start`, `window_end` | timestamptz, optional: else always |
 * | `valid_until` | timestamptz, optional: from when on notices are marked stale, else an hour after the server was last heard of |
 */
export interface PlacesAtRisk {
  /** SQL over the replica; asked again at each position, and when what it names has changed. */
  readonly sql: string;
  /** Its parameters, by position; none where this is not given. */
  readonly params?: (position: DevicePosition) => readonly unknown[];
}

/** What is watched, and when it is worth a notice. */
export interface PositionWatchOptions {
  /** Without it `WATCHED_FORECASTS`. */
  readonly places?: PlacesAtRisk;
  /** Least risk that is worth a notice, for places without a threshold of their own; 0.5 where it is not given. */
  readonly threshold?: number;
  /** A place gives no second notice within this time, in milliseconds; one hour where it is not given. */
  readonly coolDownMs?: number;
  /** A position that is less certain than this, in metres, says nothing; 200 where it is not given. */
  readonly maxAccuracyM?: number;
  /**
   * Watches of one name share what has been told, in all tabs and over restarts; `watch` where it is not given. Give
   * watches over different places different names. The 16 that were last in use are remembered.
   */
  readonly name?: string;
  /**
   * Hears of what keeps the watch from telling: `position_denied`, `position_unavailable`, `invalid_position`,
   * `invalid_place`, `replica_unavailable`, `store_full`, `store_failed`, `query_failed`, `part_not_loaded`. The
   * watch goes on.
   */
  readonly onError?: (error: HaloClientError) => void;
}

/** Hears of each notice, once. */
export type NoticeListener = (notice: RiskNotice) => void;
