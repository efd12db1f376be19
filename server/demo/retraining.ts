import type { FirstOperator } from '../auth/first-operator.ts';
import { sleep } from '../platform/sleep.ts';
import { apiOf } from './ask-api.ts';
import type { AskApi } from './ask-api.ts';
import type { Narrator } from './narrator.ts';

const ASK_EVERY_MS = 1_000;
const TELL_EVERY_MS = 10_000;
const DEADLINE_MS = 15 * 60_000;

/** A run as `GET /api/v1/admin/jobs/{id}` tells it. */
interface Run {
  readonly state: 'running' | 'succeeded' | 'failed' | 'abandoned';
  readonly step: string;
  readonly progress: number;
  readonly error: string | null;
  readonly result: { readonly series?: readonly SeriesOutcome[] } | null;
}

/** What came of one series. */
interface SeriesOutcome {
  readonly placeKind: string;
  readonly category: string;
  readonly modelId: string | null;
  readonly decision: 'promoted' | 'kept' | 'baseline' | 'failed' | 'too_little';
  readonly reason: string;
}

/**
 * Has the server train, as an operator does it, and tells how far it is and what came of it. Resolves with the model that now speaks for
 * cells and all types where it was promoted; early when `signal` aborts.
 */
export async function retrain(
  url: string,
  operator: FirstOperator,
  tell: Narrator,
  signal: AbortSignal,
): Promise<string | undefined> {
  const login = await apiOf(url)<{ accessToken: string }>('POST', '/api/v1/auth/login', operator);
  if (login.status !== 200) {
    tell.say('operator', 'cannot log in: the next retraining is that of the schedule');
    return undefined;
  }
  const ask = apiOf(url, login.body.accessToken);
  const deadline = performance.now() + DEADLINE_MS;
  const runId = await trigger(ask, deadline, signal);
  if (runId === undefined) return undefined;
  tell.say('operator', `asked for a retraining: run ${runId}`);
  let toldAt = performance.now();
  while (!signal.aborted) {
    const { body: run } = await ask<Run>('GET', `/api/v1/admin/jobs/${runId}`);
    if (run.state !== 'running') return tellOutcome(run, tell);
    const now = performance.now();
    if (now > deadline) throw new Error('the retraining did not end within 15 minutes');
    if (now - toldAt >= TELL_EVERY_MS) {
      toldAt = now;
      tell.say('server', `retraining, ${Math.round(run.progress * 100)} %: ${run.step}`);
    }
    await sleep(ASK_EVERY_MS, signal);
  }
  return undefined;
}

/** Begins a retraining as soon as none is under way: a server that was down last night makes up for it when it starts. */
async function trigger(ask: AskApi, deadline: number, signal: AbortSignal): Promise<string | undefined> {
  while (!signal.aborted && performance.now() < deadline) {
    const { status, body } = await ask<{ runId?: string }>('POST', '/api/v1/admin/retrain/trigger');
    if (status === 202) return body.runId;
    if (status !== 409) throw new Error(`the retraining was refused with ${status}`);
    await sleep(ASK_EVERY_MS, signal);
  }
  return undefined;
}

function tellOutcome({ state, error, result }: Run, tell: Narrator): string | undefined {
  tell.say('server', `the retraining has ${state}${error === null ? '' : `: ${error}`}`);
  const series = result?.series ?? [];
  const trained = series.filter(({ modelId }) => modelId !== null);
  for (const { placeKind, category, decision, reason } of trained)
    tell.say('gate', `${placeKind} ${category}: ${decision}. ${reason}`);
  const others = series.length - trained.length;
  if (others > 0)
    tell.say('gate', `${others} series: too little is known; the count of the last year speaks`);
  const isShown = (one: SeriesOutcome) => one.placeKind === 'cell-9' && one.category === 'all';
  return trained.find((one) => isShown(one) && one.decision === 'promoted')?.modelId ?? undefined;
}
