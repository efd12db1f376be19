import { accountSchema } from '@halo/shapes/protocol/accounts.ts';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import { tokensSchema } from '@halo/shapes/protocol/auth.ts';
import { ApiError, UNREACHABLE, asApiError, parsed, problemOf } from './api-error.ts';
import type { StoredTokens, TokenStore } from './token-store.ts';

/** Longest wait for an answer, in milliseconds. */
const ANSWER_LIMIT_MS = 30_000;
/** An access token is exchanged when it has less than this left, in milliseconds. */
const RENEW_BEFORE_MS = 30_000;

/** Whether somebody is logged in. `ended` says that a session was there and is no more. */
export type SessionState =
  | { readonly at: 'opening' }
  | { readonly at: 'out'; readonly ended: boolean }
  | { readonly at: 'in'; readonly account: Account }
  | { readonly at: 'failed'; readonly error: ApiError };

export interface SessionParts {
  readonly request: typeof fetch;
  readonly tokens: TokenStore;
  readonly nowMs: () => number;
}

/** The log-in of this browser, and all requests that are made with it. */
export class Session {
  readonly #parts: SessionParts;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { at: 'opening' };

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Goes on with a log-in that is kept, if there is one. */
  async open(): Promise<void> {
    if (this.#parts.tokens.read() === undefined) return this.#become({ at: 'out', ended: false });
    this.#become({ at: 'opening' });
    try {
      await this.#greet();
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.status !== 401) this.#become({ at: 'failed', error });
    }
  }

  /** Logs in; rejects with an `ApiError`. */
  async logIn(email: string, password: string): Promise<void> {
    const text = await this.#text('/api/v1/auth/login', posted({ email, password }));
    this.#keep(text);
    await this.#greet();
  }

  /** Forgets the log-in here at once, and tells the server. */
  async logOut(): Promise<void> {
    const tokens = this.#parts.tokens.read();
    this.#end(false);
    if (tokens === undefined) return;
    // Without the server the refresh token is forgotten all the same, and runs out by itself.
    const { refreshToken } = tokens;
    await this.#text('/api/v1/auth/logout', posted({ refreshToken })).catch(() => undefined);
  }

  /** Called when another tab has logged in or out. */
  async changedElsewhere(): Promise<void> {
    const has = this.#parts.tokens.read() !== undefined;
    if (has && this.#state.at === 'out') await this.open();
    if (!has && this.#state.at === 'in') this.#become({ at: 'out', ended: false });
  }

  /** An access token that is good for a while; rejects with 401 where the session is over. */
  readonly accessToken = async (): Promise<string> => {
    const tokens = this.#parts.tokens.read();
    if (tokens !== undefined && this.#isFresh(tokens)) return tokens.accessToken;
    return this.#renewed(tokens?.accessToken);
  };

  /** The access token in use, good or not. */
  readonly accessTokenInUse = (): string | undefined => this.#parts.tokens.read()?.accessToken;

  /** Another access token than `refused`, which the server did not take. */
  readonly renew = (refused: string): Promise<string> => this.#renewed(refused);

  /** Asks with the caller's token; resolves with the body's text. */
  readonly ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const token = await this.accessToken();
    try {
      return await this.#text(path, withToken(init, token));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      return this.#text(path, withToken(init, await this.#renewed(token)));
    }
  };

  async #greet(): Promise<void> {
    const account = accountSchema.safeParse(parsed(await this.ask('/api/v1/auth/me')));
    if (!account.success) throw new ApiError('unexpected_answer', 0, '');
    this.#become({ at: 'in', account: account.data });
  }

  async #renewed(refused: string | undefined): Promise<string> {
    return this.#parts.tokens.alone(async () => {
      const tokens = this.#parts.tokens.read();
      if (tokens === undefined) throw this.#over();
      // Another tab was here first.
      if (tokens.accessToken !== refused && this.#isFresh(tokens)) return tokens.accessToken;
      try {
        const { refreshToken } = tokens;
        return this.#keep(await this.#text('/api/v1/auth/refresh', posted({ refreshToken })));
      } catch (thrown) {
        const error = asApiError(thrown);
        if (error.status === 401 || error.status === 403) throw this.#over();
        throw error;
      }
    });
  }

  #over(): ApiError {
    this.#end(true);
    return new ApiError('session_over', 401, '');
  }

  #end(ended: boolean): void {
    this.#parts.tokens.write(undefined);
    this.#become({ at: 'out', ended });
  }

  #keep(text: string): string {
    const tokens = tokensSchema.safeParse(parsed(text));
    if (!tokens.success) throw new ApiError('unexpected_answer', 0, '');
    const { accessToken, refreshToken, expiresIn } = tokens.data;
    const expiresAtMs = this.#parts.nowMs() + expiresIn * 1000;
    this.#parts.tokens.write({ accessToken, refreshToken, expiresAtMs });
    return accessToken;
  }

  #isFresh({ expiresAtMs }: StoredTokens): boolean {
    return expiresAtMs - this.#parts.nowMs() > RENEW_BEFORE_MS;
  }

  async #text(path: string, init: RequestInit): Promise<string> {
    const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const signal = init.signal == null ? limit : AbortSignal.any([init.signal, limit]);
    const answer = await this.#parts.request(path, { ...init, signal }).then(
      async (response) => ({ response, text: await response.text() }),
      (cause: unknown) => {
        throw new ApiError(UNREACHABLE, 0, cause instanceof Error ? cause.message : '');
      },
    );
    if (answer.response.ok) return answer.text;
    throw problemOf(answer.response.status, answer.text);
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function posted(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  };
}

function withToken(init: RequestInit, token: string): RequestInit {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  headers.set('accept', 'application/json');
  return { ...init, headers };
}
