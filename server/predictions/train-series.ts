import type { Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError, isHaloError } from '../platform/errors.ts';
import { baselineOf, changeChampion, lockChampion } from './champion-store.ts';
import type { Current } from './champion-store.ts';
import type { GateDecision, OnProgress, Trained } from './forecast.ts';
import { noteOnBaseline, recordModel } from './model-store.ts';
import type { OpenHistory } from './open-history.ts';
import type { PredictionParts, ServedSeries } from './prediction-parts.ts';
import { lockRunning } from '../jobs/run-store.ts';
import { withSpeakingModel } from './speaking-model.ts';
import type { SpeakingModel } from './speaking-model.ts';

/** What came of training a series. */
export interface SeriesOutcome {
  readonly placeKind: string;
  readonly category: string;
  /** Of the model that was trained; null where there is none. */
  readonly modelId: string | null;
  readonly decision: GateDecision['decision'] | 'failed' | 'too_little';
  readonly reason: string;
}

/** A series' training within a run. */
export interface Training {
  readonly runId: string;
  readonly series: ServedSeries;
  /** Of the series' kind of place. */
  readonly history: OpenHistory;
  readonly cutOff: Date;
}

/**
 * Trains a model of a series and records what the gate decides about it. A training that fails is recorded, too, and leaves the
 * series' champion as it is. Rejects with the signal's reason when it aborts, and when the run has been superseded.
 */
export async function trainSeries(
  parts: PredictionParts,
  training: Training,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<SeriesOutcome> {
  const { series, history } = training;
  if (history.incidents === 0) return tooLittle(parts, training, 'Nothing is known to have happened.');
  const startedMs = parts.clock.now().getTime();
  const durationMs = () => Math.max(0, parts.clock.now().getTime() - startedMs);
  try {
    const { speaking, result } = await withSpeakingModel(parts, series, (current) => {
      const { artefact } = current;
      const champion = artefact === undefined ? undefined : { artefact, cutOff: current.cutOff };
      return history.train(series.category, champion, onProgress);
    });
    if ('tooLittle' in result) return await tooLittle(parts, training, result.tooLittle);
    return await settle(parts, training, speaking, result, durationMs());
  } catch (error) {
    if (signal.aborted || isHaloError(error, 'run_superseded')) throw error;
    return recordFailure(parts, training, error, durationMs());
  }
}

async function settle(
  parts: PredictionParts,
  { runId, series }: Training,
  speaking: SpeakingModel,
  trained: Trained,
  durationMs: number,
): Promise<SeriesOutcome> {
  const { pool, clock } = parts;
  const context = { champion: trained.champion, placeKind: series.placeKind };
  const byGate = parts.decide(trained.evaluation, context);
  const id = parts.newId();
  const now = clock.now();
  return inTransaction(pool, async (tx) => {
    if (!(await lockRunning(tx, runId))) throw superseded();
    const current = await lockChampion(tx, series);
    const verdict = heldBack(byGate, current, speaking) ?? byGate;
    const { cutOff, samples, evaluation: metrics } = trained;
    const model = { id, series, artefact: trained.artefact, cutOff, samples, metrics, runId, durationMs };
    await recordModel(tx, { ...model, ...verdict }, now);
    await noteOnBaseline(tx, series, { reason: verdict.reason, runId, cutOff }, now);
    const modelId = await chosenBy(verdict, { tx, series, current, newId: id });
    // Who took over from a file that could not be used has been weighed by now, and is no makeshift any more.
    const isSettled = current?.cause === 'fall_back' && current.modelId === speaking.modelId;
    if (modelId !== undefined && (modelId !== current?.modelId || isSettled))
      await changeChampion(tx, { series, modelId, cause: 'gate', by: null }, now);
    return { ...series, modelId: id, ...verdict };
  });
}

/** The model that speaks by a verdict; undefined where nobody has spoken, and nobody is chosen. */
async function chosenBy(
  { decision }: GateDecision,
  at: {
    readonly tx: Transaction;
    readonly series: ServedSeries;
    readonly current: Current | undefined;
    readonly newId: string;
  },
): Promise<string | undefined> {
  if (decision === 'kept') return at.current?.modelId;
  return decision === 'promoted' ? at.newId : baselineOf(at.tx, at.series);
}

/** Why the gate's decision does not count; undefined where it does. */
function heldBack(
  byGate: GateDecision,
  current: Current | undefined,
  speaking: SpeakingModel,
): GateDecision | undefined {
  if (byGate.decision === 'kept') return undefined;
  const otherwise = `Otherwise (${byGate.decision}): ${byGate.reason}`;
  if (current?.pinned === true)
    return { decision: 'kept', reason: `An operator has pinned the model in use. ${otherwise}` };
  if (current?.modelId === speaking.modelId) return undefined;
  return {
    decision: 'kept',
    reason: `Another model came into use while this one was trained, and it was not compared with that. ${otherwise}`,
  };
}

async function tooLittle(
  { pool, clock }: PredictionParts,
  { runId, series, cutOff }: Training,
  reason: string,
): Promise<SeriesOutcome> {
  await noteOnBaseline(pool, series, { reason, runId, cutOff }, clock.now());
  return { ...series, modelId: null, decision: 'too_little', reason };
}

async function recordFailure(
  { pool, clock, logger, newId }: PredictionParts,
  { runId, series, cutOff }: Training,
  fault: unknown,
  durationMs: number,
): Promise<SeriesOutcome> {
  const id = newId();
  const isForeseen = isHaloError(fault) && fault.code !== 'internal';
  const reason = isForeseen ? `${fault.code}: ${fault.message}` : 'It failed; the log has more.';
  logger
    .child({ component: 'predictions' })
    .error({ err: fault, code: 'training_failed', ...series }, 'a model could not be trained');
  const model = { id, series, artefact: undefined, cutOff, samples: {}, metrics: null, runId, durationMs };
  await inTransaction(pool, async (tx) => {
    if (!(await lockRunning(tx, runId))) throw superseded();
    await recordModel(tx, { ...model, decision: 'failed', reason }, clock.now());
  });
  return { ...series, modelId: id, decision: 'failed', reason };
}

function superseded(): HaloError {
  return new HaloError('run_superseded', 'Another run has taken over.');
}
