import { problemSchema } from '@halo/shapes/protocol/problem.ts';
import { messageOf } from '../errors.ts';
import type { StatusError } from '../api.ts';
import type { Environment } from './environment.ts';

/** A request is given up when no byte has come for this long; a live poll is answered within 20 s. */
export const SILENCE_LIMIT_MS = 45_000;
/** As long may it be silent once the network has come back or the device has woken, counted from the last byte. */
export const RESUME_SILENCE_MS = 3_000;
/** Largest answer that is read; a shape's chunk is about 10 MiB. */
const MAX_ANSWER_CHARS = 64 * 1024 * 1024;
/** Longest `Retry-After` that is believed. */
const MAX_RETRY_AFTER_MS = 300_000;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Headers besides those that every request has. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** What became of a request. Only `answered` says anything about what the server did. */
export type HttpOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly text: string }
  /** Nothing or only half an answer came. */
  | { readonly kind: 'unreachable'; readonly message: string; readonly stalled: boolean }
  /** The caller's signal ended it. */
  | { readonly kind: 'aborted' };

export type Http = (request: HttpRequest) => Promise<HttpOutcome>;

export interface HttpClient {
  /** Never rejects. */
  readonly request: Http;
  /**
   * The network has come back, or the device has woken: what was under way may hang on a connection that is long
   * dead. What has been silent for `RESUME_SILENCE_MS` is given up at once, the rest when it has.
   */
  resumed(): void;
}

/** Requests as JSON, under the watchdog of `SILENCE_LIMIT_MS`. */
export function createHttp(
  environment: Pick<Environment, 'fetch'>,
  silenceLimitMs: number = SILENCE_LIMIT_MS,
): HttpClient {
  const watchdogs = new Set<Watchdog>();
  const ask = async (
    { method, url, token, body, extra }: HttpRequest,
    watchdog: Watchdog,
  ): Promise<HttpOutcome> => {
    const headers = new Headers({ accept: 'application/json', ...extra });
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    const init: RequestInit & { cache: 'no-store' } = {
      method,
      headers,
      signal: watchdog.signal,
      cache: 'no-store',
      redirect: 'error',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const response = await watchdog.during(environment.fetch(url, init));
    const text = await readText(response, watchdog);
    return { kind: 'answered', status: response.status, headers: response.headers, text };
  };
  return {
    async request(request) {
      const { signal } = request;
      const watchdog = new Watchdog(silenceLimitMs, signal);
      watchdogs.add(watchdog);
      try {
        return await ask(request, watchdog);
      } catch (error) {
        if (signal?.aborted === true) return { kind: 'aborted' };
        const { barked } = watchdog;
        return { kind: 'unreachable', message: barked ?? messageOf(error), stalled: barked !== undefined };
      } finally {
        watchdog.end();
        watchdogs.delete(watchdog);
      }
    },
    resumed() {
      for (const watchdog of watchdogs) watchdog.hurry(RESUME_SILENCE_MS);
    },
  };
}

async function readText(response: Response, watchdog: Watchdog): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await watchdog.during(reader.read());
    watchdog.fed();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > MAX_ANSWER_CHARS) {
      await reader.cancel();
      throw new Error(`the answer is longer than ${MAX_ANSWER_CHARS} characters`);
    }
  }
}

/** Aborts its signal when it has not been fed for a while, or when the outer signal aborts. */
class Watchdog {
  readonly #controller = new AbortController();
  readonly #limitMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = () => this.#controller.abort();
  readonly #aborted: Promise<never>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #fedAt = 0;
  /** Why it has aborted the request, if it was the one that did. */
  barked: string | undefined;

  constructor(limitMs: number, outer: AbortSignal | undefined) {
    this.#limitMs = limitMs;
    this.#outer = outer;
    this.#aborted = new Promise((_resolve, reject) => {
      this.signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
    this.#aborted.catch(() => {});
    if (outer?.aborted === true) this.#controller.abort();
    outer?.addEventListener('abort', this.#onOuter, { once: true });
    this.fed();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A request that a dead connection holds may heed no abort: it is waited for no longer than the signal allows. */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#aborted]);
  }

  fed(): void {
    this.#fedAt = performance.now();
    this.#barkAfter(this.#limitMs, this.#limitMs);
  }

  /** Allows it only this much silence until it is fed again. */
  hurry(limitMs: number): void {
    const silentMs = performance.now() - this.#fedAt;
    if (limitMs < this.#limitMs) this.#barkAfter(limitMs - silentMs, limitMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }

  #barkAfter(ms: number, limitMs: number): void {
    clearTimeout(this.#timer);
    const bark = () => {
      this.barked = `no byte for ${limitMs / 1000} s`;
      this.#controller.abort();
    };
    if (ms <= 0) bark();
    else this.#timer = setTimeout(bark, ms);
  }
}

/** The problem that an answer carries, or one made of its status where it carries none. */
export function problemOf(status: number, text: string): StatusError & { extra: Record<string, unknown> } {
  const parsed = problemSchema.safeParse(parseJson(text));
  if (!parsed.success)
    return { code: `http_${status}`, message: `The server answered ${status}.`, extra: {} };
  const { code, title, detail } = parsed.data;
  return { code, message: detail ?? title, extra: parsed.data };
}

/** JSON, or undefined where the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The delay that `Retry-After` asks for, in milliseconds; 0 where there is none. A date is counted from the one that the
 * answer bears, where it bears one: the device's clock may be years off.
 */
export function retryAfterMs(headers: Headers, now: number): number {
  const text = headers.get('retry-after');
  if (text === null) return 0;
  const sentAt = Date.parse(headers.get('date') ?? '');
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - (Number.isNaN(sentAt) ? now : sentAt);
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : 0;
}
