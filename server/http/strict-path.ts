import type { MiddlewareHandler } from 'hono';
import { HaloError } from '../platform/errors.ts';

/**
 * One spelling a route: a path with empty segments, dot segments, encoded letters or a trailing slash is no
 * other name of it but 404, so that no guard can be passed by spelling (invariant 8).
 */
export function strictPath(): MiddlewareHandler {
  return async (context, next) => {
    const { pathname } = new URL(context.req.url);
    if (pathname !== '/' && !/^(\/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/.test(pathname)) {
      throw new HaloError('not_found', 'There is nothing at this path.', { status: 404 });
    }
    await next();
  };
}
