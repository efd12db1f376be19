import { z } from 'zod';
import { RISK_CATEGORIES, SERVED_PLACE_KINDS } from '../taxonomy/risk-categories.ts';

const time = z.iso.datetime();
const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();
const category = z.enum(RISK_CATEGORIES);
const placeKind = z.enum(SERVED_PLACE_KINDS);
const band = z.number().int().min(1).max(5);

/** A position of GeoJSON: longitude, latitude. */
const position = z.array(z.number()).length(2);
const geometry = z.union([
  z.object({ type: z.literal('Polygon'), coordinates: z.array(z.array(position)) }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(z.array(position))) }),
]);

/** One place in one window. */
export const hotspotSchema = z.object({
  /** An H3 cell, or a municipality's code. */
  place: z.string(),
  placeKind,
  region: z.string().nullable(),
  lat: z.number(),
  lon: z.number(),
  /** Metres from `near`; null where the list has none. */
  distanceM: amount.nullable(),
  /**
   * Incidents to be expected in the window on average, and an interval of that average, not of the number that will happen. It
   * is made to hold the true average in 80 % of cases; how often a trained model's and the baseline's does is measured in simulated
   * cities (docs/predictions.md), and not promised.
   */
  expected: amount,
  lower: amount,
  upper: amount,
  /** Among the places of its kind in its county and window, 1 = highest; equals share the lowest number. */
  rank: z.number().int().positive(),
  band,
  bandName: z.object({ en: z.string(), sv: z.string() }),
  /** The strongest first; `factor` is what the expected count was multiplied by. */
  reasons: z.array(z.object({ code: z.string(), factor: amount, en: z.string(), sv: z.string() })),
  modelId: z.uuid(),
  /** Whether a trained model speaks, or the count of the last 365 days. */
  modelKind: z.enum(['trained', 'baseline']),
  /** Nothing that became known later was used. */
  cutOff: time,
  computedAt: time,
  validUntil: time,
  /** It is past `validUntil`. */
  stale: z.boolean(),
  /** Only with `geometry=true`; null where no outline of the area is known. */
  geometry: geometry.nullable().optional(),
});

const window = z.object({ start: time, end: time });

/** Answer of `GET /api/v1/predictions/hotspots`, the highest first. */
export const hotspotsSchema = z.object({
  category,
  /** Null where nothing is forecast for the time that was asked for. */
  window: window.nullable(),
  /** When predictions were last made; null where they never were. */
  computedAt: time.nullable(),
  /** The earliest of the hot spots'; null where there is none. */
  validUntil: time.nullable(),
  /** Some of the hot spots are stale, or predictions have not been made for longer than they are valid. */
  stale: z.boolean(),
  hotspots: z.array(hotspotSchema),
});

/** Answer of `GET /api/v1/predictions/stats`. */
export const predictionStatsSchema = z.object({
  category,
  computedAt: time.nullable(),
  cutOff: time.nullable(),
  stale: z.boolean(),
  places: z.array(
    z.object({
      placeKind,
      /** Places of which predictions are kept, and their rows. */
      places: count,
      rows: count,
      staleRows: count,
      /** Expected in all windows that are not over, and the highest of a place and window. */
      expected: amount,
      highest: amount,
      /** Rows by band. */
      byBand: z.record(z.string(), count),
    }),
  ),
});

const estimate = z.object({ value: z.number(), lower: z.number(), upper: z.number() });
/** By the share of the area that was chosen, in percent, or an area. */
const byArea = z.record(z.string(), estimate);
const scores = z.object({
  pai: byArea,
  pei: byArea,
  weekPai: byArea.optional(),
  deviance: estimate,
  brier: estimate,
});

/** A test over rolling weekly origins, with bootstrap 95 % intervals. */
export const evaluationSchema = z.object({
  from: time,
  to: time,
  origins: count,
  incidents: count,
  places: count,
  model: scores,
  rivals: z.record(z.string(), scores),
  /** Positive where the model was better. */
  differences: z.array(
    z.object({ rival: z.string(), pai: byArea, weekPai: byArea.optional(), deviance: estimate }),
  ),
  reliability: z.array(z.object({ expected: amount, seen: amount, rows: count })),
});

/** A model and what became of it. */
export const modelSchema = z.object({
  id: z.uuid(),
  placeKind: z.string(),
  category: z.string(),
  kind: z.enum(['trained', 'baseline']),
  featuresVersion: z.number().int().nullable(),
  sha256: z.string().nullable(),
  cutOff: time,
  samples: z.record(z.string(), z.unknown()),
  evaluation: evaluationSchema.nullable(),
  decision: z.enum(['promoted', 'kept', 'baseline', 'failed']),
  reason: z.string(),
  runId: z.uuid().nullable(),
  trainedAt: time,
  durationMs: count,
  /** Since when its artefact cannot be used, and why; null where it can. */
  unusable: z.object({ at: time, code: z.string(), reason: z.string() }).nullable(),
});

/** Why who speaks for a series was changed. */
const changeCause = z.enum(['first', 'gate', 'pin', 'unpin', 'roll_back', 'fall_back']);

/** Answer of `GET /api/v1/predictions/model`. */
export const championsSchema = z.object({
  series: z.array(
    z.object({
      placeKind,
      category,
      /** Who speaks for the series, and since when. */
      champion: modelSchema,
      since: time,
      pinned: z.boolean(),
      /**
       * Why it was last changed who speaks, or whether that is pinned; null where that is not recorded. Older servers do not
       * say.
       */
      cause: changeCause.nullable().optional(),
      /** What the baseline scored in the champion's test, or in the latest one; null where nothing was tested. */
      baseline: scores.nullable(),
      /** The model that was trained last, and what the gate decided; null where none ever was. */
      latest: modelSchema.nullable(),
    }),
  ),
});

/** Answer of `GET /api/v1/admin/models`, newest first. */
export const modelListSchema = z.object({ models: z.array(modelSchema), nextCursor: z.string().nullable() });

/** How a series came to whoever speaks for it. */
const changeSchema = z.object({
  modelId: z.uuid(),
  cause: changeCause,
  changedBy: z.uuid().nullable(),
  changedAt: time,
});

/** Who speaks for a series, as operators see it. */
export const seriesStateSchema = z.object({
  placeKind: z.string(),
  category: z.string(),
  modelId: z.uuid(),
  pinned: z.boolean(),
  pinnedBy: z.uuid().nullable(),
  since: time,
  /** The latest first. */
  changes: z.array(changeSchema),
});

/** Answer of `GET /api/v1/admin/models/{id}`. */
export const modelDetailSchema = modelSchema.extend({
  /** Whether its artefact is kept, so that it may be pinned. */
  hasArtefact: z.boolean(),
  series: seriesStateSchema,
});

/** A run of a job. */
export const runSchema = z.object({
  id: z.uuid(),
  job: z.string(),
  trigger: z.enum(['schedule', 'manual']),
  requestedBy: z.uuid().nullable(),
  state: z.enum(['running', 'succeeded', 'failed', 'abandoned']),
  startedAt: time,
  finishedAt: time.nullable(),
  step: z.string(),
  progress: z.number().min(0).max(1),
  result: z.record(z.string(), z.unknown()).nullable(),
  errorCode: z.string().nullable(),
  error: z.string().nullable(),
});

/** Answer of `GET /api/v1/admin/jobs`, newest first. */
export const runListSchema = z.object({ jobs: z.array(runSchema), nextCursor: z.string().nullable() });

/** Answer of `POST /api/v1/admin/retrain/trigger`. */
export const triggeredSchema = z.object({ runId: z.uuid() });

export type Hotspot = z.infer<typeof hotspotSchema>;
export type Hotspots = z.infer<typeof hotspotsSchema>;
export type PredictionStats = z.infer<typeof predictionStatsSchema>;
export type EvaluationAnswer = z.infer<typeof evaluationSchema>;
export type ModelAnswer = z.infer<typeof modelSchema>;
export type Champions = z.infer<typeof championsSchema>;
export type SeriesState = z.infer<typeof seriesStateSchema>;
export type RunAnswer = z.infer<typeof runSchema>;
