import type { OpenAPIHono } from '@hono/zod-openapi';
import { readPage } from '../../platform/keyset-page.ts';
import { createRouter } from '../../platform/router.ts';
import { NO_STORE } from '../account-parts.ts';
import type { AccountParts } from '../account-parts.ts';
import type { CallerEnv } from '../identity.ts';
import { makeServiceToken } from './make-service-token.ts';
import { revokeServiceToken } from './revoke-service-tokens.ts';
import * as declared from './route-declaration.ts';
import { listServiceTokens } from './service-token-store.ts';

/** What operators do with the tokens of integrations. */
export function serviceTokenRoutes({ pool, requireCaller, clock }: AccountParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(declared.makeServiceTokenRoute(requireCaller), async (c) => {
    const made = await makeServiceToken(pool, c.get('caller'), c.req.valid('json'), clock.now());
    return c.json(made, 201, NO_STORE);
  });
  router.openapi(declared.serviceTokensRoute(requireCaller), async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query');
    const { items, nextCursor } = await readPage(
      { cursor, limit },
      ['service-tokens', filter],
      (after, count) => listServiceTokens(pool, filter, clock.now(), after, count),
    );
    return c.json({ serviceTokens: [...items], nextCursor }, 200, NO_STORE);
  });
  router.openapi(declared.revokeServiceTokenRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await revokeServiceToken(pool, c.get('caller'), id, clock.now()), 200, NO_STORE);
  });
  return router;
}
