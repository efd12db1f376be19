import type { OpenAPIHono } from '@hono/zod-openapi';
import { createRouter } from '../../platform/router.ts';
import { NO_STORE } from '../account-parts.ts';
import type { AccountParts } from '../account-parts.ts';
import type { CallerEnv } from '../identity.ts';
import { loginKey, tryPassword } from '../login-limit.ts';
import { originOf } from '../request-origin.ts';
import * as declared from './route-declaration.ts';
import { changePassword, resetPassword } from './set-password.ts';

/** What sets passwords. */
export function passwordRoutes(parts: AccountParts): OpenAPIHono<CallerEnv> {
  const { pool, requireCaller, limits, clock } = parts;
  const router = createRouter<CallerEnv>();
  router.openapi(declared.changePasswordRoute(requireCaller), async (c) => {
    const caller = c.get('caller');
    const { rows } = await pool.query<{ email: string | null }>('SELECT email FROM users WHERE id = $1', [
      caller.userId,
    ]);
    // What is guessed here counts with what is guessed at the log-in.
    const key = loginKey(rows[0]?.email ?? caller.userId, limits.addressOf(c));
    const ended = await tryPassword(limits.logins, key, () =>
      changePassword(parts, caller, c.req.valid('json'), clock.now()),
    );
    return c.json({ ended }, 200, NO_STORE);
  });
  router.openapi(declared.resetPasswordRoute, async (c) => {
    const origin = originOf(c, limits.addressOf);
    return c.json(
      { ended: await resetPassword(parts, c.req.valid('json'), origin, clock.now()) },
      200,
      NO_STORE,
    );
  });
  return router;
}
