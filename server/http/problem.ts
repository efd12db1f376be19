import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { PROBLEM_MEDIA_TYPE } from '@halo/shapes/protocol/problem.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';

/** Where a code's meaning is written down; a relative reference (RFC 9457 §3.1.1). */
const typeOf = (code: string) => `/docs#problem-${code}`;

/**
 * Answers any error as a problem document (RFC 9457): a `HaloError` with its own code, anything else as
 * `internal`, whose cause goes to the log and never to the caller.
 */
export function answerProblem(error: unknown, context: Context, logger: Logger): Response {
  const known = asHaloError(error);
  if (known.status >= 500) {
    logger.error(
      { err: error, component: 'http', method: context.req.method, path: context.req.path },
      known.message,
    );
  }
  const { code, status, message, field, hint, details } = known;
  const document = { ...details, type: typeOf(code), title: message, status, code, field, hint };
  const headers: Record<string, string> = { 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store' };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (typeof details.retryAfterS === 'number') headers['retry-after'] = String(details.retryAfterS);
  return context.body(JSON.stringify(document), status as ContentfulStatusCode, headers);
}

function asHaloError(error: unknown): HaloError {
  if (error instanceof HaloError) return error;
  if (error instanceof HTTPException) {
    // Hono's own: a body that is no JSON, or of the wrong media type.
    const code = error.status === 400 ? 'invalid_body' : 'refused';
    return new HaloError(
      code,
      error.status === 400 ? 'The body is not valid JSON.' : 'The request is refused.',
      {
        status: error.status,
      },
    );
  }
  return new HaloError('internal', 'Something went wrong on the server.', { status: 500 });
}
