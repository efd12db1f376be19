import type { EvaluationAnswer, ModelAnswer } from '@halo/shapes/protocol/predictions.ts';
import type { SeriesAnswer } from '../verdict.ts';

const estimate = (value: number, off = 0.1) => ({ value, lower: value - off, upper: value + off });
const scores = (pai: number, deviance: number) => ({
  pai: { '1': estimate(pai, 1), '5': estimate(pai / 2), '10': estimate(pai / 3) },
  pei: { '1': estimate(0.5) },
  deviance: estimate(deviance, 0.01),
  brier: estimate(0.03, 0.001),
});

/** A test in which the model found more in 1 % of the places, and whose deviance differs by `deviance`, within 0.01. */
const evaluation = (deviance: number): EvaluationAnswer => ({
  from: '2025-11-24T00:00:00.000Z',
  to: '2026-11-16T00:00:00.000Z',
  origins: 52,
  incidents: 8_300,
  places: 1_900,
  model: scores(24, 0.2),
  rivals: { 'count-365': scores(20, 0.2 + deviance), 'decayed-count': scores(21, 0.21) },
  differences: [
    {
      rival: 'count-365',
      pai: { '1': estimate(4, 1), '5': estimate(0, 1), '10': estimate(-2, 1) },
      deviance: estimate(deviance, 0.01),
    },
  ],
  reliability: [],
});

const model = (id: number, changes: Partial<ModelAnswer>): ModelAnswer => ({
  id: `01980a3c-7c00-7000-8000-00000000010${id}`,
  placeKind: 'cell-9',
  category: 'all',
  kind: 'trained',
  featuresVersion: 1,
  sha256: null,
  cutOff: '2026-11-25T11:07:00.000Z',
  samples: {},
  evaluation: evaluation(0.03),
  decision: 'promoted',
  reason: 'It beats every baseline.',
  runId: null,
  trainedAt: '2026-11-25T11:07:04.000Z',
  durationMs: 48_000,
  unusable: null,
  ...changes,
});

const series = (
  champion: ModelAnswer,
  latest: ModelAnswer | null,
  changes: Partial<SeriesAnswer> = {},
): SeriesAnswer => ({
  placeKind: 'cell-9',
  category: 'all',
  champion,
  since: '2026-11-25T11:07:04.000Z',
  pinned: false,
  cause: champion.kind === 'baseline' ? 'first' : 'gate',
  baseline: null,
  latest,
  ...changes,
});

const BASELINE = model(3, { kind: 'baseline', evaluation: null, decision: 'baseline', reason: 'Too few.' });
const LOST = model(2, {
  evaluation: evaluation(-0.03),
  decision: 'baseline',
  reason: 'It does not beat it.',
});

/** Promoted in May; the newest model was tested beside it, and lost to it. */
const OLD = model(1, { cutOff: '2026-05-25T11:07:00.000Z', trainedAt: '2026-05-25T11:07:04.000Z' });
const BESIDE = evaluation(0.03);
const LOST_TO_OLD = model(2, {
  evaluation: { ...BESIDE, rivals: { ...BESIDE.rivals, champion: scores(30, 0.19) } },
  decision: 'kept',
  reason: 'It does not beat the champion.',
});
const UNUSABLE = model(2, {
  unusable: { at: '2026-11-26T02:00:00.000Z', code: 'artefact_unusable', reason: 'Damaged.' },
});
/** Its counts are surely better than those of the baseline, and no better than those of another one. */
const LOST_TO_OTHER = model(2, {
  evaluation: {
    ...BESIDE,
    differences: [
      ...BESIDE.differences,
      { rival: 'decayed-count', pai: { '5': estimate(0, 1) }, deviance: estimate(0.001, 0.01) },
    ],
  },
  decision: 'baseline',
  reason: 'It does not beat the decayed count.',
});
const FAILED = model(2, { evaluation: null, decision: 'failed', reason: 'It failed; the log has more.' });
/** After the newest model was judged. */
const LATER = '2026-11-26T02:00:00.000Z';

/** Series as a server may answer them; for tests. */
export const SERIES = {
  promoted: series(model(1, {}), model(1, {})),
  pinned: series(model(1, { decision: 'kept' }), LOST, { pinned: true, cause: 'pin' }),
  aged: series(OLD, LOST_TO_OLD, { since: OLD.trainedAt }),
  kept: series(BASELINE, LOST),
  lostToOther: series(BASELINE, LOST_TO_OTHER),
  fallenBack: series(BASELINE, UNUSABLE, { since: LATER, cause: 'fall_back' }),
  rolledBack: series(BASELINE, model(2, {}), { since: LATER, cause: 'roll_back' }),
  held: series(BASELINE, LOST, { pinned: true, cause: 'pin' }),
  failed: series(BASELINE, FAILED),
  untested: series(BASELINE, null, { placeKind: 'municipality', category: 'fire' }),
};
