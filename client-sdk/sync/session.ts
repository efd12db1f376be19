import type { StatusError } from '../api.ts';
import type { HttpOutcome, HttpRequest, Http } from './http.ts';
import { problemOf } from './http.ts';

/** What asking for a token gives. */
export type TokenOutcome =
  | { readonly kind: 'token'; readonly token: string }
  /** The server could not be asked; nothing is known about the session. */
  | { readonly kind: 'unavailable'; readonly message: string; readonly retryAfterMs: number }
  /** The server, or the app, says no: only a person can change that. */
  | { readonly kind: 'refused'; readonly error: StatusError };

/** Gives access tokens. Callers that ask together share one request to the server. */
export interface Session {
  /** A token that has not expired, as far as this device can tell. */
  token(): Promise<TokenOutcome>;
  /** Another token, since the server has refused `refused`. */
  renew(refused: string): Promise<TokenOutcome>;
  /** Ends the session here, and at the server as far as it can be reached. */
  end(): Promise<void>;
  /** Another tab has ended it: ends as well what this client has put in its place before it heard of that. */
  endOwn(): Promise<void>;
}

export type AuthorizedOutcome = HttpOutcome | Exclude<TokenOutcome, { kind: 'token' }>;

/**
 * Makes a request in the session's name. A 401 is answered with one renewed token; a second 401 counts as
 * refused. It settles nothing and judges nothing else.
 */
export async function requestAuthorized(
  http: Http,
  session: Session,
  request: Omit<HttpRequest, 'token'>,
): Promise<AuthorizedOutcome> {
  const first = await session.token();
  if (first.kind !== 'token') return first;
  const outcome = await http({ ...request, token: first.token });
  if (outcome.kind !== 'answered' || outcome.status !== 401) return outcome;
  const second = await session.renew(first.token);
  if (second.kind !== 'token') return second;
  const again = await http({ ...request, token: second.token });
  if (again.kind !== 'answered' || again.status !== 401) return again;
  const { code, message } = problemOf(again.status, again.text);
  return { kind: 'refused', error: { code, message } };
}
