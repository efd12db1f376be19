import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Hono } from 'hono';
import { HaloError } from '../platform/errors.ts';

const DIST = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The files of Swagger UI that the page loads, from the package itself: nothing comes from outside. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Halo API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true });\n`;

/** `/docs`: the OpenAPI document, browsable, also behind a closed network. */
export function docsRoutes(): Hono {
  const router = new Hono();
  router.get('/docs', (context) => context.html(PAGE));
  router.get('/docs/start.js', (context) => {
    return context.body(START, 200, { 'content-type': 'text/javascript; charset=utf-8' });
  });
  router.get('/docs/:file', async (context) => {
    const type = FILES[context.req.param('file')];
    if (type === undefined)
      throw new HaloError('not_found', 'There is nothing at this path.', { status: 404 });
    const bytes = await readFile(join(DIST, context.req.param('file')));
    return context.body(bytes, 200, { 'content-type': type, 'cache-control': 'public, max-age=86400' });
  });
  return router;
}
