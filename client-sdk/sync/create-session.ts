import type { HaloOptions } from '../api.ts';
import type { Environment } from './environment.ts';
import type { Http } from './http.ts';
import { createPasswordSession } from './password-session.ts';
import type { Session } from './session.ts';
import { createTokenSession } from './token-session.ts';

/** Longest wait for a token of the app's, in milliseconds. */
const TOKEN_LIMIT_MS = 30_000;

export interface SessionParts {
  readonly options: HaloOptions;
  readonly account: string;
  readonly environment: Environment;
}

/** The session that the options ask for; `signal` ends what it waits for. */
export function createSession(
  { options, account, environment }: SessionParts,
  http: Http,
  signal: AbortSignal,
): Session {
  const { auth, store, url } = options;
  if ('getToken' in auth) {
    return createTokenSession({ getToken: () => auth.getToken(), account, limitMs: TOKEN_LIMIT_MS, signal });
  }
  const { email, password } = auth;
  const { settings } = store;
  return createPasswordSession({
    http,
    url,
    email,
    password,
    settings,
    account,
    now: environment.now,
    signal,
  });
}
