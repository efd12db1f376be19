import type {
  Champions,
  EvaluationAnswer,
  ModelAnswer,
  RunAnswer,
  SeriesState,
} from '@halo/shapes/protocol/predictions.ts';
import type { Queryable } from '../../db/pool.ts';
import { listChanges, readChampions } from '../champion-store.ts';
import type { Series } from '../forecast.ts';
import { latestTrained } from '../model-store.ts';
import type { Model } from '../model-store.ts';
import { SERVED_SERIES } from '../prediction-parts.ts';
import type { Run } from '../../jobs/run-store.ts';
import { readLastCauses } from './change-causes.ts';

/** A model as it is answered. */
export function modelAnswer(model: Model): ModelAnswer {
  const {
    id,
    placeKind,
    category,
    kind,
    featuresVersion,
    sha256,
    samples,
    decision,
    reason,
    runId,
    durationMs,
  } = model;
  return {
    id,
    placeKind,
    category,
    kind,
    featuresVersion,
    sha256,
    cutOff: model.cutOff.toISOString(),
    samples: { ...samples },
    evaluation: evaluationOf(model),
    decision,
    reason,
    runId,
    trainedAt: model.trainedAt.toISOString(),
    durationMs,
    unusable:
      model.unusableAt === null
        ? null
        : {
            at: model.unusableAt.toISOString(),
            code: model.unusableCode ?? '',
            reason: model.unusableReason ?? '',
          },
  };
}

/** A run as it is answered. */
export function runAnswer(run: Run): RunAnswer {
  return {
    ...run,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
    result: run.result === null ? null : { ...run.result },
  };
}

/** Who speaks for each series, and beside it the baseline and what was trained last. Series come with their first run. */
export async function championsAnswer(db: Queryable): Promise<Champions> {
  const champions = await readChampions(db);
  const trained = await latestTrained(db);
  const causeOf = await readLastCauses(db);
  const series = SERVED_SERIES.flatMap(({ placeKind, category }) => {
    const isOf = (one: Model) => one.placeKind === placeKind && one.category === category;
    const champion = champions.find(isOf);
    if (champion === undefined) return [];
    const latest = trained.find(isOf);
    const tested = evaluationOf(champion) ?? (latest === undefined ? null : evaluationOf(latest));
    return {
      placeKind,
      category,
      champion: modelAnswer(champion),
      since: champion.since.toISOString(),
      pinned: champion.pinned,
      cause: causeOf({ placeKind, category }),
      baseline: tested?.rivals['count-365'] ?? null,
      latest: latest === undefined ? null : modelAnswer(latest),
    };
  });
  return { series };
}

/** Who speaks for a series and how that came to be; undefined before its first run. */
export async function seriesState(
  db: Queryable,
  { placeKind, category }: Series,
): Promise<SeriesState | undefined> {
  const champions = await readChampions(db);
  const champion = champions.find((one) => one.placeKind === placeKind && one.category === category);
  if (champion === undefined) return undefined;
  const changes = await listChanges(db, { placeKind, category });
  const { id, pinned, pinnedBy, since } = champion;
  return {
    placeKind,
    category,
    modelId: id,
    pinned,
    pinnedBy,
    since: since.toISOString(),
    changes: changes.map((change) => ({ ...change, changedAt: change.changedAt.toISOString() })),
  };
}

/** What was stored is what the forecaster's test gave, written down by `recordModel`. */
function evaluationOf({ metrics }: Model): EvaluationAnswer | null {
  return metrics as EvaluationAnswer | null;
}
