import type { Context, Hono } from 'hono';
import { matchedRoutes } from 'hono/route';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** The field app's files answer under this pattern; it is no endpoint that has a method to be wrong about. */
const CATCH_ALL = '/*';

/** The template of the route that answers, e.g. `/v1/shapes/:name`; undefined where there is none. */
export function routeTemplate(context: Context): string | undefined {
  return matchedRoutes(context).findLast(isEndpoint)?.path;
}

/** Method and template of the route that answers, e.g. `GET /v1/shapes/:name`, HEAD as its GET; undefined where there is none. */
export function resolvedRoute(context: Context): string | undefined {
  const route = matchedRoutes(context).findLast(isEndpoint);
  return route === undefined ? undefined : `${route.method} ${route.path}`;
}

/** The methods that `path` has, HEAD with its GET; empty where nothing answers at `path`. */
export function methodsAt(app: Pick<Hono, 'router'>, path: string): string[] {
  const found = METHODS.filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => isEndpoint(route)),
  );
  return found.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

/** Middleware is registered for all methods, an endpoint for one. */
function isEndpoint({ method, path }: { method: string; path: string }): boolean {
  return method !== 'ALL' && path !== CATCH_ALL;
}
