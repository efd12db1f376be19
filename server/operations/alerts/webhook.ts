import { backoffDelayMs } from '../../platform/backoff.ts';
import type { Logger } from '../../platform/logger.ts';
import type { AlertEvent } from './alert.ts';
import { messageOf, trialMessageOf } from './message.ts';
import type { AlertFormat } from './message.ts';
import type { AlertPlaces } from './places.ts';

/** Where alerts are told. */
export interface Webhook {
  /**
   * True once the other side has taken it. After a failure it is not asked again before a while has passed, and answers
   * false at once until then: whoever has something to tell keeps it, and comes again.
   */
  tell(event: AlertEvent, signal: AbortSignal): Promise<boolean>;
  /**
   * Asks the other side at once to take a message that tells of nothing, and resolves with why it did not; undefined where it did. What waits is
   * told at the next look then.
   */
  trial(signal: AbortSignal): Promise<string | undefined>;
  /** What was taken and what failed since the start. */
  counts(): { readonly told: number; readonly failed: number };
}

export interface WebhookOptions {
  /** Whoever knows it can write there: it is a secret, and never logged. */
  readonly url: string;
  readonly format: AlertFormat;
  readonly places: AlertPlaces;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  readonly logger: Logger;
  /** How long the other side may take, and how long it is left alone after failures, in milliseconds. */
  readonly timeoutMs?: number;
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
}

const TIMEOUT_MS = 5_000;
const BACKOFF = { firstMs: 2_000, maxMs: 300_000 };

/** A webhook over HTTP: a POST of JSON, which any 2xx takes. */
export function createWebhook(options: WebhookOptions): Webhook {
  const { url, format, places, random, timeoutMs = TIMEOUT_MS, backoff = BACKOFF } = options;
  const log = options.logger.child({ component: 'alerts' });
  const counts = { told: 0, failed: 0 };
  let failures = 0;
  let notBeforeMs = 0;

  const post = async (message: object, signal: AbortSignal): Promise<string | undefined> => {
    try {
      const answer = await options.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      await answer.body?.cancel();
      return answer.ok ? undefined : `it answered ${answer.status}`;
    } catch (error) {
      return reasonOf(error);
    }
  };

  return {
    counts: () => ({ ...counts }),
    async trial(signal) {
      const fault = await post(trialMessageOf(format, places), signal);
      if (fault === undefined) {
        failures = 0;
        notBeforeMs = 0;
      }
      return fault;
    },
    async tell(event, signal) {
      if (performance.now() < notBeforeMs || signal.aborted) return false;
      const fault = await post(messageOf(event, format, places), signal);
      if (fault === undefined) {
        failures = 0;
        counts.told += 1;
        return true;
      }
      if (signal.aborted) return false;
      counts.failed += 1;
      notBeforeMs = performance.now() + backoffDelayMs(failures, backoff, random);
      failures += 1;
      log.warn({ alert: event.record.name, reason: fault, failures }, 'the webhook of alerts took nothing');
      return false;
    },
  };
}

/** The text of such an error may hold the address; its code and its name do not. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error instanceof DOMException ? error.name : 'it could not be reached, or redirects';
}
