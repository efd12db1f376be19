import type { Hotspot, ModelAnswer, RunAnswer } from '@halo/shapes/protocol/predictions.ts';
import { FEATURES_VERSION } from '../features/features.ts';

/** Ids of the document's examples; a test fills a database with them. */
export const EXAMPLE_MODEL_ID = '01980a3c-7c00-7000-8000-000000000101';
export const EXAMPLE_RUN_ID = '01980a3c-7c00-7000-8000-000000000102';
const EXAMPLE_BASELINE_ID = '01980a3c-7c00-7000-8000-000000000103';
export const EXAMPLE_OPERATOR_ID = '01980a3c-7c00-7000-8000-000000000104';
export const EXAMPLE_CELL = '89088668a5bffff';

export const EXAMPLE_TIMES = {
  at: '2026-11-25T12:00:00Z',
  start: '2026-11-25T11:00:00.000Z',
  end: '2026-11-25T17:00:00.000Z',
  cutOff: '2026-11-25T11:07:00.000Z',
  computedAt: '2026-11-25T11:07:04.000Z',
};

export const EXAMPLE_HOTSPOT: Hotspot = {
  place: EXAMPLE_CELL,
  placeKind: 'cell-9',
  region: '01',
  lat: 59.3318,
  lon: 18.0686,
  distanceM: 230.4,
  expected: 0.31,
  lower: 0.22,
  upper: 0.42,
  rank: 1,
  band: 4,
  bandName: { en: 'High', sv: 'Hög' },
  reasons: [
    {
      code: 'hours',
      factor: 1.8,
      en: 'More usually happens in these hours',
      sv: 'Mer brukar hända under de här timmarna',
    },
  ],
  modelId: EXAMPLE_MODEL_ID,
  modelKind: 'trained',
  cutOff: EXAMPLE_TIMES.cutOff,
  computedAt: EXAMPLE_TIMES.computedAt,
  validUntil: EXAMPLE_TIMES.end,
  stale: false,
};

const estimate = (value: number) => ({ value, lower: value * 0.9, upper: value * 1.1 });
const byArea = (value: number) => ({
  '1': estimate(value),
  '5': estimate(value / 2),
  '10': estimate(value / 3),
});
/** How a way of forecasting fared in a test. */
export const EXAMPLE_SCORES = {
  pai: byArea(12),
  pei: byArea(0.4),
  deviance: estimate(0.21),
  brier: estimate(0.03),
};

export const EXAMPLE_MODEL: ModelAnswer = {
  id: EXAMPLE_MODEL_ID,
  placeKind: 'cell-9',
  category: 'all',
  kind: 'trained',
  featuresVersion: FEATURES_VERSION,
  sha256: '7b1f5c0d2a4e6f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708',
  cutOff: EXAMPLE_TIMES.cutOff,
  samples: { incidents: 41_200, places: 1_900, rows: 1_000_000, trees: 180 },
  evaluation: {
    from: '2025-11-24T00:00:00.000Z',
    to: '2026-11-16T00:00:00.000Z',
    origins: 52,
    incidents: 8_300,
    places: 1_900,
    model: EXAMPLE_SCORES,
    rivals: { 'count-365': EXAMPLE_SCORES },
    differences: [{ rival: 'count-365', pai: byArea(1.5), deviance: estimate(0.01) }],
    reliability: [{ expected: 0.05, seen: 0.048, rows: 120_000 }],
  },
  decision: 'promoted',
  reason: 'Its PAI at 1 % is better than the count of the last 365 days by 1.5 (1.35 to 1.65).',
  runId: EXAMPLE_RUN_ID,
  trainedAt: EXAMPLE_TIMES.computedAt,
  durationMs: 48_000,
  unusable: null,
};

export const EXAMPLE_BASELINE: ModelAnswer = {
  ...EXAMPLE_MODEL,
  id: EXAMPLE_BASELINE_ID,
  placeKind: 'municipality',
  category: 'fire',
  kind: 'baseline',
  featuresVersion: null,
  sha256: null,
  samples: {},
  evaluation: null,
  decision: 'baseline',
  reason: 'Only 40 incidents are known, and 200 are needed.',
  runId: null,
  durationMs: 0,
};

export const EXAMPLE_RUN: RunAnswer = {
  id: EXAMPLE_RUN_ID,
  job: 'retrain',
  trigger: 'manual',
  requestedBy: EXAMPLE_OPERATOR_ID,
  state: 'running',
  startedAt: EXAMPLE_TIMES.cutOff,
  finishedAt: null,
  step: 'cell-9 all: growing trees',
  progress: 0.25,
  result: null,
  errorCode: null,
  error: null,
};
