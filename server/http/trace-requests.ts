import { createMiddleware } from 'hono/factory';
import type { AnsweredRequest } from '../operations/sentry/error-reports.ts';
import { routeTemplate } from '../platform/resolved-route.ts';

/** Whose times say nothing: they ask how the server fares, or wait for news as long as there is none. */
const STATUS_ROUTES = new Set(['/health', '/ready', '/metrics']);

/** Hands the time of each request on, by its route's template. */
export function traceRequests(trace: (answered: AnsweredRequest) => void) {
  return createMiddleware(async (context, next) => {
    const startedMs = Date.now();
    const startedAt = performance.now();
    await next();
    const route = routeTemplate(context);
    if (route === undefined || STATUS_ROUTES.has(route) || context.req.query('live') !== undefined) return;
    const durationMs = performance.now() - startedAt;
    trace({ method: context.req.method, route, status: context.res.status, startedMs, durationMs });
  });
}
