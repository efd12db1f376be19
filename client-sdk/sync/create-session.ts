import type { HaloOptions } from '../api.ts';
import { messageOf } from '../errors.ts';
import { loadPart } from '../load-part.ts';
import type { Tabs } from '../platform/tabs.ts';
import type { Environment } from './environment.ts';
import type { Http } from './http.ts';
import { createPasswordSession } from './password-session.ts';
import type { Begin } from './password-session.ts';
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
  tabs: Pick<Tabs, 'exclusively'>,
  signal: AbortSignal,
): Session {
  const { auth, store, url } = options;
  if ('getToken' in auth) {
    return createTokenSession({ getToken: () => auth.getToken(), account, limitMs: TOKEN_LIMIT_MS, signal });
  }
  const { settings } = store;
  const { now } = environment;
  const who =
    'anonymous' in auth ? { begin: beginning(tabs) } : { email: auth.email, password: auth.password };
  return createPasswordSession({ http, url, settings, account, now, signal, ...who });
}

/** What it takes to make a person is loaded when there is a network to do so, and once in the life of most devices. */
function beginning(tabs: Pick<Tabs, 'exclusively'>): Begin {
  return (...session) =>
    loadPart(() => import('./begin-anonymous.ts')).then(
      ({ beginAnonymous }) => beginAnonymous(tabs, ...session),
      (error: unknown) => ({ kind: 'unavailable', message: messageOf(error), retryAfterMs: 0 }),
    );
}
