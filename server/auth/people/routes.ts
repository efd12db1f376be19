import type { OpenAPIHono } from '@hono/zod-openapi';
import type { User } from '@halo/shapes/protocol/users.ts';
import { recordAct } from '../../audit/audit-log.ts';
import { inTransaction } from '../../db/transaction.ts';
import { HaloError } from '../../platform/errors.ts';
import { readPage } from '../../platform/keyset-page.ts';
import { createRouter } from '../../platform/router.ts';
import { NO_STORE, sessionNotFound } from '../account-parts.ts';
import type { AccountParts } from '../account-parts.ts';
import { endSessions } from '../end-sessions.ts';
import type { Caller, CallerEnv } from '../identity.ts';
import { issueReset } from '../passwords/issue-reset.ts';
import { listSessions } from '../session-list.ts';
import { changeUser } from './change-user.ts';
import { eraseUser } from './erase-user.ts';
import { lockForOperator } from './lock-people.ts';
import { findUserById, listUsers } from './people-store.ts';
import * as declared from './route-declaration.ts';

/** What operators see of accounts, and do with them. */
export function peopleRoutes(parts: AccountParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  addSessions(router, parts);
  addAccounts(router, parts);
  return router;
}

function addAccounts(router: OpenAPIHono<CallerEnv>, parts: AccountParts): void {
  const { pool, requireCaller, clock } = parts;
  router.openapi(declared.usersRoute(requireCaller), async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query');
    const { items, nextCursor } = await readPage({ cursor, limit }, ['users', filter], (after, count) =>
      listUsers(pool, filter, clock.now(), after, count),
    );
    return c.json({ users: [...items], nextCursor }, 200, NO_STORE);
  });
  router.openapi(declared.userRoute(requireCaller), async (c) => {
    return c.json(await known(parts, c.req.valid('param').id), 200, NO_STORE);
  });
  router.openapi(declared.changeUserRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    await changeUser(pool, c.get('caller'), id, c.req.valid('json'), clock.now());
    return c.json(await known(parts, id), 200, NO_STORE);
  });
  router.openapi(declared.eraseUserRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    await eraseUser(pool, c.get('caller'), id, c.req.valid('json'), clock.now());
    return c.json(await known(parts, id), 202, NO_STORE);
  });
  router.openapi(declared.issueResetRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    return c.json(await issueReset(pool, c.get('caller'), id, reason, clock.now()), 201, NO_STORE);
  });
}

function addSessions(router: OpenAPIHono<CallerEnv>, parts: AccountParts): void {
  const { pool, requireCaller, clock } = parts;
  const end = (actor: Caller, userId: string, reason: string, only?: string) =>
    inTransaction(pool, async (tx) => {
      await lockForOperator(tx, actor.userId, userId);
      const which = only === undefined ? {} : { only };
      const ended = await endSessions(tx, userId, 'revoked', clock.now(), which);
      if (only !== undefined && ended === 0) throw sessionNotFound();
      const details = only === undefined ? { ended } : { ended, sessionId: only };
      await recordAct(tx, actor, {
        action: 'sessions.ended',
        target: { kind: 'user', id: userId },
        reason,
        details,
      });
      return { ended };
    });
  router.openapi(declared.userSessionsRoute(requireCaller), async (c) => {
    const { id } = await known(parts, c.req.valid('param').id);
    const sessions = await listSessions(pool, id, clock.now(), c.get('caller').sessionId);
    return c.json({ sessions }, 200, NO_STORE);
  });
  router.openapi(declared.endUserSessionRoute(requireCaller), async (c) => {
    const { id, sessionId } = c.req.valid('param');
    return c.json(await end(c.get('caller'), id, c.req.valid('json').reason, sessionId), 200, NO_STORE);
  });
  router.openapi(declared.endUserSessionsRoute(requireCaller), async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await end(c.get('caller'), id, c.req.valid('json').reason), 200, NO_STORE);
  });
}

async function known({ pool, clock }: AccountParts, id: string): Promise<User> {
  const user = await findUserById(pool, id, clock.now());
  if (user === undefined) throw new HaloError('user_not_found', 'There is no such account.', { status: 404 });
  return user;
}
