import type { MiddlewareHandler } from 'hono';
import { HaloError } from '../platform/errors.ts';

/** One or more segments of characters that need no escape; empty and dot segments are none. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/;

/**
 * One spelling a route: a path with empty segments, dot segments, encoded letters or a trailing slash is no
 * other name of it but 404, so that no guard can be passed by spelling (invariant 8).
 */
export function strictPath(): MiddlewareHandler {
  return async ({ req }, next) => {
    const path = rawPath(req.url);
    if (path !== '/' && !PATH.test(path)) {
      throw new HaloError('not_found', 'There is nothing at this path.', { status: 404 });
    }
    await next();
  };
}

/** The path as it was sent, escapes and all: Hono's own `path` has them decoded. Cheaper than a `URL`. */
export function rawPath(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return '/';
  const query = url.indexOf('?', start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}

/** The query as it was sent, with its question mark; nothing where there is none. */
export function rawQuery(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? '' : url.slice(query);
}
