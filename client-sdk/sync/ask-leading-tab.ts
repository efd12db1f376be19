import type { ShapeVerification } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import type { Tabs } from '../platform/tabs.ts';
import type { Environment } from './environment.ts';

/** Longest that the leading tab is waited for, in milliseconds. */
const ANSWER_LIMIT_MS = 120_000;

export interface AskOptions {
  readonly tabs: Tabs;
  readonly environment: Pick<Environment, 'sleep'>;
  /** Aborts when this client closes. */
  readonly stop: AbortSignal;
}

/** Has the leading tab compare; fails with `no_answer` when none has answered in time. */
export async function askLeadingTab({ tabs, environment, stop }: AskOptions): Promise<ShapeVerification[]> {
  stop.throwIfAborted();
  const ask = crypto.randomUUID();
  const over = new AbortController();
  const onStop = () => over.abort();
  stop.addEventListener('abort', onStop, { once: true });
  let answer: readonly unknown[] | undefined;
  const off = tabs.onTold((message) => {
    if (message.kind !== 'verified' || message.ask !== ask) return;
    answer = message.verifications;
    over.abort();
  });
  tabs.tell({ kind: 'verification_wanted', ask });
  await environment.sleep(ANSWER_LIMIT_MS, over.signal);
  off();
  stop.removeEventListener('abort', onStop);
  if (stop.aborted) throw stop.reason as Error;
  if (answer !== undefined) return answer as ShapeVerification[];
  throw new HaloClientError('no_answer', 'The tab that streams the shapes has not compared them.');
}
