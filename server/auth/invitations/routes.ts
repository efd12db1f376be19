import type { OpenAPIHono } from '@hono/zod-openapi';
import { readPage } from '../../platform/keyset-page.ts';
import { createRouter } from '../../platform/router.ts';
import { NO_STORE } from '../account-parts.ts';
import type { AccountParts } from '../account-parts.ts';
import type { CallerEnv } from '../identity.ts';
import { originOf } from '../request-origin.ts';
import { listInvitations } from './invitation-store.ts';
import { acceptInvitation, invite, revokeInvitation } from './invite.ts';
import * as declared from './route-declaration.ts';

/** Invitations: made by operators, accepted by whoever holds the secret. */
export function invitationRoutes(parts: AccountParts): OpenAPIHono<CallerEnv> {
  const { pool, requireCaller, limits, clock } = parts;
  const router = createRouter<CallerEnv>();
  router.openapi(declared.inviteRoute(requireCaller), async (c) => {
    return c.json(await invite(pool, c.get('caller'), c.req.valid('json'), clock.now()), 201, NO_STORE);
  });
  router.openapi(declared.invitationsRoute(requireCaller), async (c) => {
    const { state, ...page } = c.req.valid('query');
    const { items, nextCursor } = await readPage(page, ['invitations', state], (after, limit) =>
      listInvitations(pool, state, clock.now(), after, limit),
    );
    return c.json({ invitations: [...items], nextCursor }, 200, NO_STORE);
  });
  router.openapi(declared.revokeInvitationRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await revokeInvitation(pool, c.get('caller'), id, clock.now()), 200, NO_STORE);
  });
  router.openapi(declared.acceptInvitationRoute, async (c) => {
    const origin = originOf(c, limits.addressOf);
    return c.json(await acceptInvitation(parts, c.req.valid('json'), origin, clock.now()), 201, NO_STORE);
  });
  return router;
}
