import { metresSql } from './metres-sql.ts';
import type { PlacesAtRisk } from './position-source.ts';

/** An incident's weight is halved each time this has passed since it happened, in hours. */
const HALF_LIFE_H = 12;
/** Incidents that are older than this weigh nothing, in hours. */
const OLDEST_H = 72;
/** No single incident makes a risk certain. */
const MAX_WEIGHT = 0.99;
/** Metres that a degree of latitude has at least, for finding what lies near. */
const DEGREE_M = 111_000;

const SQL = `
  WITH near AS (
    SELECT id, name, lat, lon, radius_m, threshold FROM my_watches
    WHERE ${metresSql('lat', 'lon', '$1::float8', '$2::float8')} <= radius_m * 1.01 + $3::float8
  )
  SELECT w.id AS place_id, w.name, w.lat, w.lon, w.radius_m, w.threshold,
    COALESCE(1 - exp(sum(ln(1 - least(${MAX_WEIGHT}, i.severity / 5.0 * i.confidence *
      power(0.5, greatest(0, extract(epoch FROM $4::timestamptz - i.occurred_at)::float8)
        / ${HALF_LIFE_H * 3600}.0))))), 0) AS risk
  FROM near w LEFT JOIN incidents i
    ON i.status = 'open' AND i.merged_into IS NULL AND i.verification <> 'dismissed'
    AND i.location_precision = 'point' AND i.occurred_at > $4::timestamptz - interval '${OLDEST_H} hours'
    AND abs(i.lat - w.lat) <= w.radius_m / ${DEGREE_M}
    AND ${metresSql('i.lat', 'i.lon', 'w.lat', 'w.lon')} <= w.radius_m
  GROUP BY w.id, w.name, w.lat, w.lon, w.radius_m, w.threshold`;

/**
 * The user's own watches near the position by what has been reported in them, each with its own threshold. The risk is what
 * is known of the present and no forecast: `1 − ∏ (1 − weight)` over the open incidents whose spot is known, within the circle and the last 72 hours, where
 * an incident's weight is `severity / 5 · confidence · ½^(hours since / 12)`, at most 0.99. A fresh incident of severity 5
 * that one person has reported makes 0.5; of severity 2, 0.2. Incidents that were dismissed, or whose place is known only as
 * an area, do not count, nor do those of counties that the replica does not hold. Needs the shapes `my_watches` and
 * `incidents`.
 */
export const WATCHED_PLACES: PlacesAtRisk = {
  sql: SQL,
  params: ({ lat, lon, accuracyM, atMs }) => [lat, lon, accuracyM, new Date(atMs).toISOString()],
};
