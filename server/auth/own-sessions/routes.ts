import type { OpenAPIHono } from '@hono/zod-openapi';
import { inTransaction } from '../../db/transaction.ts';
import { createRouter } from '../../platform/router.ts';
import { NO_STORE, sessionNotFound } from '../account-parts.ts';
import type { AccountParts } from '../account-parts.ts';
import { endSessions } from '../end-sessions.ts';
import type { CallerEnv } from '../identity.ts';
import { listSessions } from '../session-list.ts';
import * as declared from './route-declaration.ts';

/** What a person sees of his own sessions, and ends. */
export function ownSessionRoutes({ pool, requireCaller, clock }: AccountParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(declared.ownSessionsRoute(requireCaller), async (c) => {
    const { userId, sessionId } = c.get('caller');
    const sessions = await listSessions(pool, userId, clock.now(), sessionId);
    return c.json({ sessions }, 200, NO_STORE);
  });
  router.openapi(declared.endOwnSessionRoute(requireCaller), async (c) => {
    const { userId } = c.get('caller');
    const which = { only: c.req.valid('param').id };
    const ended = await inTransaction(pool, (tx) => endSessions(tx, userId, 'revoked', clock.now(), which));
    if (ended === 0) throw sessionNotFound();
    return c.json({ ended }, 200, NO_STORE);
  });
  return router;
}
