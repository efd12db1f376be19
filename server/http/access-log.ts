import { createMiddleware } from 'hono/factory';
import type { Logger } from '../platform/logger.ts';
import { routeTemplate } from '../platform/resolved-route.ts';

/**
 * Logs each request by its route's template. The query and the path's values stay out of the log: they may
 * hold a secret or a position.
 */
export function accessLog(logger: Logger) {
  return createMiddleware(async (context, next) => {
    const startedAt = performance.now();
    await next();
    const line = {
      method: context.req.method,
      route: routeTemplate(context) ?? 'none',
      status: context.res.status,
      ms: Math.round(performance.now() - startedAt),
    };
    if (line.status >= 500) logger.info(line, 'request failed');
    else logger.debug(line, 'request');
  });
}
