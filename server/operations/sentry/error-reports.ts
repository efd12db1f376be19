import type { Event } from '@sentry/core';
import { scrubEvent } from './scrub-event.ts';

/** Share of requests whose times are reported. */
const TRACES_SAMPLE_RATE = 0.1;
/** How long the other side may take for one report, and all of them when the server stops; in milliseconds. */
const SEND_TIMEOUT_MS = 5_000;
const FLUSH_TIMEOUT_MS = 2_000;
/** Reports on their way at once; what comes beyond them is dropped. */
const MAX_UNSENT = 30;

/** A request that was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's template. */
  readonly route: string;
  readonly status: number;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly durationMs: number;
}

/** Where what nobody foresaw is reported. Nothing here is ever waited for, or fails. */
export interface ErrorReports {
  /** Reports an error, with names and codes of its circumstances; all else of them is left out. */
  error(error: unknown, about: Readonly<Record<string, unknown>>): void;
  /** Reports the time of one request in so many. */
  request(answered: AnsweredRequest): void;
  /** Sends what is on its way, as long as that does not take long. */
  close(): Promise<void>;
}

export interface ErrorReportsOptions {
  readonly dsn: string;
  readonly release: string;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  /** Of requests; a tenth unless given. */
  readonly tracesSampleRate?: number;
}

/**
 * Opens them. Only here, and only now, is the library loaded: who has no DSN pays nothing for it. It hooks nothing of
 * the process's; see decision 0057.
 */
export async function openErrorReports(options: ErrorReportsOptions): Promise<ErrorReports> {
  const { random, tracesSampleRate = TRACES_SAMPLE_RATE } = options;
  const { createStackParser, createTransport } = await import('@sentry/core');
  const { nodeStackLineParser, ServerRuntimeClient } = await import('@sentry/core/server');
  const client = new ServerRuntimeClient({
    dsn: options.dsn,
    release: options.release,
    platform: 'node',
    integrations: [],
    sendDefaultPii: false,
    // Whole transactions, which `beforeSendTransaction` sees.
    traceLifecycle: 'static',
    sendClientReports: false,
    stackParser: createStackParser(nodeStackLineParser()),
    transport: (transport) =>
      createTransport({ ...transport, bufferSize: MAX_UNSENT }, send(options.fetch, transport)),
    beforeSend: (event) => scrubEvent(event),
    beforeSendTransaction: (event) => scrubEvent(event),
  });
  client.init();
  return {
    error(error, about) {
      client.captureException(error, { captureContext: { tags: namesOf(about) } });
    },
    request({ method, route, status, startedMs, durationMs }) {
      if (random() >= tracesSampleRate) return;
      const event: Event = {
        type: 'transaction',
        transaction: `${method} ${route}`,
        transaction_info: { source: 'route' },
        start_timestamp: startedMs / 1000,
        timestamp: (startedMs + durationMs) / 1000,
        tags: { method, route, status },
        contexts: {
          trace: {
            trace_id: crypto.randomUUID().replaceAll('-', ''),
            span_id: crypto.randomUUID().replaceAll('-', '').slice(0, 16),
            op: 'http.server',
            status: status >= 500 ? 'internal_error' : 'ok',
          },
        },
      };
      client.captureEvent(event);
    },
    async close() {
      await client.close(FLUSH_TIMEOUT_MS);
    },
  };
}

/** Only names and codes; an error is reported by itself. */
function namesOf(about: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(about).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts) as Record<string, string>;
}

type TransportOptions = { readonly url: string; readonly headers?: Record<string, string> };
type Executor = (request: { body: string | Uint8Array }) => Promise<{
  statusCode?: number;
  headers?: { 'x-sentry-rate-limits': string | null; 'retry-after': string | null };
}>;

/** The library asks again by itself only when it is told that it may. */
function send(fetchIt: typeof fetch, { url, headers = {} }: TransportOptions): Executor {
  return async ({ body }) => {
    const answer = await fetchIt(url, {
      method: 'POST',
      headers,
      body: body as string,
      redirect: 'error',
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return {
      statusCode: answer.status,
      headers: {
        'x-sentry-rate-limits': answer.headers.get('x-sentry-rate-limits'),
        'retry-after': answer.headers.get('retry-after'),
      },
    };
  };
}
