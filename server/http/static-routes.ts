import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { isNavigation } from './navigation.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.data': 'application/octet-stream',
  '.gz': 'application/gzip',
};

/** Names that change with their contents may be kept for ever; the rest is asked for each time. */
const IMMUTABLE = /^assets\/.+[-.][A-Za-z0-9_-]{8,}\.\w+$/;

/** Where a web app stands, and which paths are pages of its own. */
export interface StaticApp {
  /** Folder of its built files. */
  readonly dir: string;
  /** Its first page: `/`, or a path without a slash at its end. */
  readonly home: string;
  /** Its other pages, which a browser may go to. */
  readonly pages: RegExp;
}

/** The field app in `dir`. */
export function fieldApp(dir: string): StaticApp {
  return { dir, home: '/', pages: /^\/app(\/[\w-]+)*$/ };
}

/** The operators' console in `dir`. A page names at most one thing, e.g. a device by its id. */
export function consoleApp(dir: string): StaticApp {
  return { dir, home: '/console', pages: /^\/console\/(?!assets(?:\/|$))[a-z]+(\/[\w.~-]+)?$/ };
}

/** What decides whether a page is answered at one and the same path. */
const DECIDES_PAGES = 'Sec-Fetch-Mode, Accept';

/**
 * Serves the built files of a web app. The list of files is read once: a path that is not on it is not there,
 * whatever it spells. Its first page and navigations to its other pages answer `index.html`.
 */
export function staticRoutes({ dir, home, pages }: StaticApp): Hono {
  const base = home === '/' ? '' : home;
  const files = new Map(
    (existsSync(dir) ? listFiles(dir) : []).map((path) => [`${base}/${relative(dir, path)}`, path]),
  );
  const index = files.get(`${base}/index.html`);
  const router = new Hono();
  router.get('/*', async (context, next) => {
    const { path } = context.req;
    const file = files.get(path) ?? (path === home ? index : undefined);
    if (file !== undefined) return send(context, dir, file);
    if (!pages.test(path)) return next();
    context.header('vary', DECIDES_PAGES, { append: true });
    return index !== undefined && isNavigation(context.req) ? send(context, dir, index) : next();
  });
  return router;
}

function send(context: Context, dir: string, path: string): Response {
  const { size, mtimeMs } = statSync(path);
  const etag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
  const cacheControl = IMMUTABLE.test(relative(dir, path))
    ? 'public, max-age=31536000, immutable'
    : 'no-cache';
  const headers = { 'cache-control': cacheControl, etag };
  if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers);
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  const all = { ...headers, 'content-type': type, 'content-length': String(size) };
  if (context.req.method === 'HEAD') return context.body(null, 200, all);
  return context.body(Readable.toWeb(createReadStream(path)) as ReadableStream, 200, all);
}

function listFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}
