import { problemSchema } from '@halo/shapes/protocol/problem.ts';
import { messageOf } from '../errors.ts';
import type { StatusError } from '../api.ts';
import type { Environment } from './environment.ts';

/** A request is given up when no byte has come for this long; a live poll is answered within 20 s. */
export const SILENCE_LIMIT_MS = 45_000;
/** Largest answer that is read; a shape's chunk is about 10 MiB. */
const MAX_ANSWER_CHARS = 64 * 1024 * 1024;
/** Longest `Retry-After` that is believed. */
const MAX_RETRY_AFTER_MS = 300_000;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** What became of a request. Only `answered` says anything about what the server did. */
export type HttpOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly text: string }
  /** Nothing or only half an answer came. */
  | { readonly kind: 'unreachable'; readonly message: string; readonly stalled: boolean }
  /** The caller's signal ended it. */
  | { readonly kind: 'aborted' };

export type Http = (request: HttpRequest) => Promise<HttpOutcome>;

/** Requests as JSON, under the watchdog of `SILENCE_LIMIT_MS`; it never rejects. */
export function createHttp(environment: Environment, silenceLimitMs: number = SILENCE_LIMIT_MS): Http {
  return async ({ method, url, token, body, signal }) => {
    const watchdog = new Watchdog(silenceLimitMs, signal);
    try {
      const headers = new Headers({ accept: 'application/json' });
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
      const response = await environment.fetch(url, init);
      const text = await readText(response, () => watchdog.fed());
      return { kind: 'answered', status: response.status, headers: response.headers, text };
    } catch (error) {
      if (signal?.aborted === true) return { kind: 'aborted' };
      const message = watchdog.barked ? `no byte for ${silenceLimitMs / 1000} s` : messageOf(error);
      return { kind: 'unreachable', message, stalled: watchdog.barked };
    } finally {
      watchdog.end();
    }
  };
}

async function readText(response: Response, onBytes: () => void): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    onBytes();
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
  #timer: ReturnType<typeof setTimeout>;
  barked = false;

  constructor(limitMs: number, outer: AbortSignal | undefined) {
    this.#limitMs = limitMs;
    this.#outer = outer;
    this.#timer = this.#start();
    if (outer?.aborted === true) this.#controller.abort();
    outer?.addEventListener('abort', this.#onOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  fed(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }

  #start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.barked = true;
      this.#controller.abort();
    }, this.#limitMs);
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

/** The delay that `Retry-After` asks for, in milliseconds; 0 where there is none. */
export function retryAfterMs(headers: Headers, now: number): number {
  const text = headers.get('retry-after');
  if (text === null) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : 0;
}
