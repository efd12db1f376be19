import type { MiddlewareHandler } from 'hono';
import { cors as honoCors } from 'hono/cors';
import { CHECK_HEADER, DEVICE_HEADER, SHAPE_HEADERS } from '@halo/shapes/protocol/headers.ts';

/** Guarded by its secret alone, and open to any origin as Electric's is: it has headers of its own. */
const RAW_PATH = /^\/v1\/shape(?:\/|$)/;
/** What other origins may ask; the apps' own files are for this one. */
const SHARED_PATH = /^\/(?:v1|api|\.well-known)\/|^\/(?:openapi\.json|health)$/;

const MAX_AGE_S = 7_200;

/**
 * Lets web apps of the listed origins ask (Fetch Standard, CORS protocol). No credentials: a token is brought in a header, and
 * Halo sets no cookie. Without a list no answer says anything, and browsers refuse.
 */
export function cors(origins: readonly string[]): MiddlewareHandler {
  const allow = honoCors({
    origin: [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [
      'authorization',
      'content-type',
      DEVICE_HEADER,
      'halo-app',
      'idempotency-key',
      'if-none-match',
    ],
    exposeHeaders: [
      ...Object.values(SHAPE_HEADERS),
      CHECK_HEADER,
      'etag',
      'location',
      'ratelimit',
      'ratelimit-policy',
      'retry-after',
      'x-request-id',
    ],
    maxAge: MAX_AGE_S,
  });
  return (context, next) => {
    const { path } = context.req;
    if (origins.length === 0 || RAW_PATH.test(path) || !SHARED_PATH.test(path)) return next();
    return allow(context, next);
  };
}
