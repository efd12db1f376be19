import { createRoute } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ZodType } from 'zod';
import {
  accountSchema,
  eraseSchema,
  loginSchema,
  refreshSchema,
  registerSchema,
} from '@halo/shapes/protocol/accounts.ts';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import { tokensSchema } from '@halo/shapes/protocol/auth.ts';
import { limitRequest } from '../platform/limit-request.ts';
import { answers, body as jsonBody } from '../platform/route-parts.ts';
import { createRouter } from '../platform/router.ts';
import type { Accounts } from './accounts.ts';
import type { AuthLimits } from './auth-limits.ts';
import { clientInfoOf } from './client-info.ts';
import type { CallerEnv, RequireCaller } from './identity.ts';
import { loginKey, tryPassword } from './login-limit.ts';
import { withoutEnumerating } from './taken-emails.ts';
import type { VerificationKeys } from './verification-keys.ts';

const body = <Schema extends ZodType>(schema: Schema, example: unknown) => ({
  body: jsonBody(schema, example),
});
const ACCOUNT = {
  id: '01936d2a-0000-7000-8000-0000000000e1',
  email: 'reporter@halo.example',
  displayName: 'A reporter',
  role: 'reporter' as const,
};
const PASSWORD = 'a password of some length';
const CREDENTIALS = { email: ACCOUNT.email, password: PASSWORD };
const REFRESH = { refreshToken: 'rt_0123456789abcdefghijklmnopqrstuvwxyz' };
const TOKENS = { accessToken: 'eyJhbGciOi…', ...REFRESH, expiresIn: 900 };
const tags = ['auth'];

const register = createRoute({
  method: 'post',
  path: '/api/v1/auth/register',
  tags,
  summary: 'Make an account; it is always a reporter',
  request: body(registerSchema, { ...CREDENTIALS, displayName: ACCOUNT.displayName }),
  responses: { 201: answers('The account', accountSchema, ACCOUNT) },
});
const anonymous = createRoute({
  method: 'post',
  path: '/api/v1/auth/anonymous',
  tags,
  summary:
    'Begin to report without an account; who holds the tokens may amend and erase what is reported with them',
  responses: { 201: answers('Tokens', tokensSchema, TOKENS) },
});
const claim = createRoute({
  method: 'post',
  path: '/api/v1/auth/claim',
  tags,
  summary: 'Make an account of a person without one, with all that was reported',
  security: [{ bearer: [] }],
  request: body(registerSchema, { ...CREDENTIALS, displayName: ACCOUNT.displayName }),
  responses: { 200: answers('The account', accountSchema, ACCOUNT) },
});
const erase = createRoute({
  method: 'delete',
  path: '/api/v1/auth/me',
  tags,
  summary: 'Forget the caller: sessions end at once, and what is kept of the person goes within minutes',
  security: [{ bearer: [] }],
  request: body(eraseSchema, { password: PASSWORD }),
  responses: { 202: { description: 'It has begun' } },
});
const login = createRoute({
  method: 'post',
  path: '/api/v1/auth/login',
  tags,
  summary: 'Begin a session',
  request: body(loginSchema, CREDENTIALS),
  responses: { 200: answers('Tokens', tokensSchema, TOKENS) },
});
const refresh = createRoute({
  method: 'post',
  path: '/api/v1/auth/refresh',
  tags,
  summary: 'Exchange a refresh token; each may be exchanged once',
  request: body(refreshSchema, REFRESH),
  responses: { 200: answers('Tokens', tokensSchema, TOKENS) },
});
const logout = createRoute({
  method: 'post',
  path: '/api/v1/auth/logout',
  tags,
  summary: 'End the session of a refresh token',
  request: body(refreshSchema, REFRESH),
  responses: { 204: { description: 'Ended' } },
});
const me = createRoute({
  method: 'get',
  path: '/api/v1/auth/me',
  tags,
  summary: 'The caller’s account',
  security: [{ bearer: [] }],
  responses: { 200: answers('The account', accountSchema, ACCOUNT) },
});

/** Routes of accounts and tokens. */
export function authRoutes(
  accounts: Accounts,
  keys: VerificationKeys,
  requireCaller: RequireCaller,
  limits: AuthLimits,
): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  const ownKey = async (context: Context<CallerEnv>) => {
    const { id, email } = await accounts.find(context.get('caller').userId);
    return loginKey(email ?? id, limits.addressOf(context));
  };
  // Tokens never belong into a cache.
  router.use('/api/v1/auth/*', async (context, next) => {
    if (context.req.method === 'POST')
      await limitRequest(context, limits.requests, limits.addressOf(context));
    await next();
    context.header('cache-control', 'no-store');
  });
  router.openapi(register, async (context) => {
    const input = context.req.valid('json');
    return context.json(await newAccount(context, limits, () => accounts.register(input)), 201);
  });
  router.openapi(anonymous, async (context) => {
    await limitRequest(context, limits.people, limits.addressOf(context));
    return context.json(await accounts.begin(clientInfoOf(context)), 201);
  });
  router.use(claim.path, requireCaller());
  router.openapi(claim, async (context) => {
    const { userId } = context.get('caller');
    const input = context.req.valid('json');
    const claimed = await newAccount(context, limits, async () =>
      tryPassword(limits.logins, await ownKey(context), () => accounts.claim(userId, input)),
    );
    return context.json(claimed, 200);
  });
  router.openapi(login, async (context) => {
    const credentials = context.req.valid('json');
    const key = loginKey(credentials.email, limits.addressOf(context));
    return context.json(
      await tryPassword(limits.logins, key, () => accounts.login(credentials, clientInfoOf(context))),
      200,
    );
  });
  router.openapi(refresh, async (context) => {
    return context.json(
      await accounts.refresh(context.req.valid('json').refreshToken, clientInfoOf(context)),
      200,
    );
  });
  router.openapi(logout, async (context) => {
    await accounts.logout(context.req.valid('json').refreshToken);
    return context.body(null, 204);
  });
  router.use(me.path, requireCaller());
  router.openapi(erase, async (context) => {
    const { userId } = context.get('caller');
    const { password } = context.req.valid('json');
    await limitRequest(context, limits.requests, limits.addressOf(context));
    await tryPassword(limits.logins, await ownKey(context), () => accounts.erase(userId, password));
    return context.body(null, 202);
  });
  router.openapi(me, async (context) => context.json(await accounts.find(context.get('caller').userId), 200));
  router.get('/.well-known/jwks.json', async (context) => {
    return context.json({ keys: await keys.all() }, 200, { 'cache-control': 'public, max-age=300' });
  });
  return router;
}

/** Makes an account with an e-mail address, registered or claimed, under the limits of both. */
async function newAccount(
  context: Context<CallerEnv>,
  limits: AuthLimits,
  attempt: () => Promise<Account>,
): Promise<Account> {
  const address = limits.addressOf(context);
  await limitRequest(context, limits.registrations, address);
  return withoutEnumerating(limits.takenEmails, address, attempt);
}
