import { metresSql } from './metres-sql.ts';
import type { PlacesAtRisk } from './position-source.ts';

/** From the middle of a cell of resolution 9 to its furthest corner at most, in metres: it has some 200, and cells differ. */
const CELL_REACH_M = 250;
/** Metres that a degree of latitude has at least. */
const DEGREE_M = 111_000;

/** The cells that the position may lie in or be leaving, in the window that it falls into, unless they are stale. */
const HERE = `
  SELECT place, lat, lon, (band - 1) / 4.0::float8 AS risk, window_start, window_end, valid_until FROM predictions
  WHERE place_kind = 'cell-9' AND window_start <= $4::timestamptz AND window_end > $4::timestamptz
    AND valid_until > $4::timestamptz
    AND abs(lat - $1::float8) <= ($3::float8 + ${CELL_REACH_M}) / ${DEGREE_M}
    AND ${metresSql('lat', 'lon', '$1::float8', '$2::float8')} <= $3::float8 + ${CELL_REACH_M}`;

const params: PlacesAtRisk['params'] = ({ lat, lon, accuracyM, atMs }) => [
  lat,
  lon,
  accuracyM,
  new Date(atMs).toISOString(),
];

/**
 * The user's own watches by what is forecast within them, each with its own threshold. A watch is the cells whose middle lies in
 * its circle, and at least those about its own middle; who enters one of them where the risk reaches the threshold gets a
 * notice, one for the whole watch. The risk says how the cell's expected count in this window compares with its county:
 * `(band − 1) / 4`, so that a threshold of 0.25 means "about the average and more", 0.5 "above the average", 0.75 "high" and 1 "very high";
 * 0 means any place of which there is a forecast. Forecasts that are past their expiry raise no notice. Municipalities do not
 * count: the device does not know their outlines. Needs the shapes `my_watches` and `predictions`.
 */
export const WATCHED_FORECASTS: PlacesAtRisk = {
  sql: `SELECT w.id AS place_id, w.name, w.threshold, p.place AS cell, p.risk, p.window_start, p.window_end, p.valid_until
    FROM (${HERE}) p JOIN my_watches w
      ON ${metresSql('p.lat', 'p.lon', 'w.lat', 'w.lon')} <= greatest(w.radius_m, ${CELL_REACH_M})`,
  params,
};

/**
 * Every cell of which there is a forecast, each a place of its own, with the threshold of the options. Risks are those of
 * `WATCHED_FORECASTS`. Needs the shape `predictions`.
 */
export const FORECAST_CELLS: PlacesAtRisk = {
  sql: `SELECT place AS place_id, place AS cell, risk, window_start, window_end, valid_until FROM (${HERE}) p`,
  params,
};
