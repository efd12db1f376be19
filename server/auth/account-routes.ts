import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AccountParts } from './account-parts.ts';
import type { CallerEnv } from './identity.ts';
import { invitationRoutes } from './invitations/routes.ts';
import { ownSessionRoutes } from './own-sessions/routes.ts';
import { passwordRoutes } from './passwords/routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { serviceTokenRoutes } from './service-tokens/routes.ts';

/** The routes of accounts besides those of log-in; to be mounted behind these, whose limits hold for them, too. */
export function accountRoutes(parts: AccountParts): readonly OpenAPIHono<CallerEnv>[] {
  return [
    invitationRoutes(parts),
    ownSessionRoutes(parts),
    passwordRoutes(parts),
    peopleRoutes(parts),
    serviceTokenRoutes(parts),
  ];
}
