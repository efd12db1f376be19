import { HaloClientError } from '../errors.ts';
import { parseJson, problemOf } from './http.ts';
import type { Http, HttpRequest } from './http.ts';
import { requestAuthorized } from './session.ts';
import type { Session } from './session.ts';

/** What asking the server needs. */
export interface AskParts {
  readonly url: string;
  readonly http: Http;
  readonly session: Session;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** Asks a route in the session's name; see `Halo.request`. */
export async function askServer(
  { url, http, session, signal }: AskParts,
  method: HttpRequest['method'],
  path: string,
  body?: unknown,
): Promise<unknown> {
  const target = new URL(path, url);
  // The token is for this server and for no other.
  if (!path.startsWith('/') || target.origin !== new URL(url).origin) {
    const message = 'The path must begin with one slash, and stay on the server.';
    throw new HaloClientError('invalid_options', message, { field: 'path' });
  }
  const outcome = await requestAuthorized(http, session, { method, url: target.href, body, signal });
  if (outcome.kind === 'refused') throw new HaloClientError(outcome.error.code, outcome.error.message);
  if (outcome.kind === 'aborted') throw signal.reason as Error;
  if (outcome.kind !== 'answered') throw unreachable(outcome.message);
  const { status, text } = outcome;
  if (status < 200 || status > 299) {
    const { code, message, extra } = problemOf(status, text);
    const { field } = extra;
    throw new HaloClientError(code, message, typeof field === 'string' ? { field } : {});
  }
  const answer = parseJson(text);
  // A captive portal, say.
  if (answer === undefined && text !== '') throw unreachable('what came is not an answer of the server');
  return answer;
}

function unreachable(message: string): HaloClientError {
  return new HaloClientError('unreachable', `The server cannot be asked: ${message}`);
}
