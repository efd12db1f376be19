import type { MiddlewareHandler } from 'hono';
import { secureHeaders as honoSecureHeaders } from 'hono/secure-headers';

/** Answers under here are data for programs, thousands at once when a shape changes; headers for pages cost too much. */
const SYNC_PATHS = '/v1/';
/** So theirs are two: no browser takes such an answer for a page, a script or a frame, or does anything with it. */
const OF_DATA = [
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"],
] as const;

/** The console, where one account may do much: it needs no WebAssembly. */
const CONSOLE_PATHS = /^\/console(\/|$)/;

/**
 * Security headers of every answer. The policy allows what the field app needs and nothing else: its own
 * files, WebAssembly (PGlite), and workers and images made from blobs (the map). The console has a narrower one.
 */
export function secureHeaders(): MiddlewareHandler {
  const ofPages = pageHeaders(["'self'", "'wasm-unsafe-eval'"]);
  const ofConsole = pageHeaders(["'self'"]);
  return async (context, next) => {
    const { path } = context.req;
    if (CONSOLE_PATHS.test(path)) return ofConsole(context, next);
    if (!path.startsWith(SYNC_PATHS)) return ofPages(context, next);
    await next();
    for (const [name, value] of OF_DATA) context.res.headers.set(name, value);
  };
}

function pageHeaders(scriptSrc: string[]): MiddlewareHandler {
  return honoSecureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc,
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      workerSrc: ["'self'", 'blob:'],
      connectSrc: ["'self'", 'blob:', 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: 'no-referrer',
    permissionsPolicy: { geolocation: ['self'], camera: [], microphone: [] },
    // PGlite and the map need no cross-origin isolation; an embedding page is refused by the policy above.
    crossOriginEmbedderPolicy: false,
    // Whoever ends TLS in front of Halo promises it; Halo itself speaks plain HTTP.
    strictTransportSecurity: false,
  });
}
