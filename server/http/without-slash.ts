import type { MiddlewareHandler } from 'hono';
import { isNavigation } from './navigation.ts';
import type { StaticApp } from './static-routes.ts';
import { rawPath, rawQuery } from './strict-path.ts';

/**
 * Leads a browser that goes to a page of a web app with a slash behind it (`/console/`) to the page. All other paths with
 * one are nothing, as `strictPath` says. It leads nowhere but to the web apps: their pages begin with a name, so that no path here
 * is taken for another host, and a path is looked at as it was sent, without any escape.
 */
export function withoutSlash(apps: readonly StaticApp[]): MiddlewareHandler {
  const isPage = (path: string) =>
    path !== '/' && apps.some(({ home, pages }) => path === home || pages.test(path));
  return async (context, next) => {
    const { method, url } = context.req;
    const path = rawPath(url);
    const page = path.slice(0, -1);
    const reads = method === 'GET' || method === 'HEAD';
    if (!reads || !path.endsWith('/') || !isPage(page) || !isNavigation(context.req)) return next();
    // Not for ever: what a browser has kept nobody can take back.
    context.header('cache-control', 'no-store');
    return context.redirect(`${page}${rawQuery(url)}`, 302);
  };
}
