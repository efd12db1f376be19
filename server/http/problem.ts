import { STATUS_CODES } from 'node:http';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { PROBLEM_MEDIA_TYPE } from '@halo/shapes/protocol/problem.ts';
import { isDatabaseAway } from '../db/database-away.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { routeTemplate } from '../platform/resolved-route.ts';

/** Where a code's meaning is written down; a relative reference (RFC 9457 §3.1.1). */
const typeOf = (code: string) => `/docs#problem-${code}`;
/** Codes that say that the token itself is no good (RFC 6750 §3.1). */
const TOKEN_FAULTS = new Set(['token_expired', 'token_invalid', 'session_revoked']);
/** What `Retry-After` asks for, in seconds, where the error does not say. */
const RETRY_AFTER_S = 2;

/**
 * Answers any error as a problem document (RFC 9457): a `HaloError` with its own code, anything else as
 * `internal`, whose cause goes to the log and never to the caller.
 */
export function answerProblem(error: unknown, context: Context, logger: Logger): Response {
  const known = asHaloError(error);
  const requestId = context.get('requestId') as string | undefined;
  if (known.status >= 500) {
    const line = { err: error, method: context.req.method, route: routeTemplate(context) };
    // Only what nobody foresaw is for a developer to look at.
    if (known.code === 'internal') logger.error(line, known.message);
    else logger.warn(line, known.message);
  }
  const { code, status, message, field, hint, details } = known;
  const document = {
    ...details,
    type: typeOf(code),
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: message,
    field,
    hint,
    // What an operator needs in order to find the fault in the log.
    requestId: status >= 500 ? requestId : undefined,
  };
  const headers: Record<string, string> = { 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store' };
  // The rest of the body may still be on its way: the connection is of no use to another request.
  if (status === 413) headers['connection'] = 'close';
  if (status === 401) headers['www-authenticate'] = challenge(code);
  if (status === 429 || status === 503 || details.retryAfterS !== undefined) {
    headers['retry-after'] = retryAfter(details.retryAfterS);
  }
  return context.body(JSON.stringify(document), status as ContentfulStatusCode, headers);
}

function retryAfter(askedS: unknown): string {
  return String(typeof askedS === 'number' ? Math.ceil(askedS) : RETRY_AFTER_S);
}

function challenge(code: string): string {
  return TOKEN_FAULTS.has(code) ? 'Bearer error="invalid_token"' : 'Bearer';
}

function asHaloError(error: unknown): HaloError {
  if (error instanceof HaloError) return error;
  if (error instanceof HTTPException) {
    // Hono raises 400 itself only where a body is not the JSON that it says it is.
    if (error.status === 400)
      return new HaloError('invalid_json', 'The body is not valid JSON.', { status: 400 });
    return new HaloError('refused', 'The request is refused.', { status: error.status });
  }
  if (isDatabaseAway(error)) {
    return new HaloError('database_unavailable', 'The database cannot be reached at present.', {
      status: 503,
      hint: 'Try again soon.',
    });
  }
  return new HaloError('internal', 'Something went wrong on the server.', { status: 500 });
}
