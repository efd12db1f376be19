import { ReadableStream } from 'node:stream/web';
import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Queryable } from '../db/pool.ts';
import { createRouter } from '../platform/router.ts';
import { exportPerson } from './export-person.ts';

const rows = z.array(z.looseObject({}));
const route = createRoute({
  method: 'get',
  path: '/api/v1/auth/me/export',
  tags: ['auth'],
  summary: 'All that is kept of the caller',
  security: [{ bearer: [] }],
  responses: {
    200: {
      description: 'Rows by kind',
      content: { 'application/json': { schema: z.record(z.string(), rows) } },
    },
  },
});

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const text of texts) yield Buffer.from(text);
}

/** The route that hands over what is kept of the caller. */
export function privacyRoutes(db: Queryable, requireCaller: RequireCaller): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.use(route.path, requireCaller());
  router.openapi(route, async (context) => {
    const pieces = ReadableStream.from(encoded(exportPerson(db, context.get('caller').userId)));
    return new Response(pieces, {
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'content-disposition': 'attachment; filename="halo-export.json"',
      },
      // Its body is written as it is read, which the type of a JSON answer does not know.
    }) as never;
  });
  return router;
}
