import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Tokens } from '@halo/shapes/protocol/auth.ts';
import { createAccessTokens } from '../../server/auth/access-token.ts';
import type { AccessTokens } from '../../server/auth/access-token.ts';
import { auditRoutes } from '../../server/audit/routes.ts';
import { accountRoutes } from '../../server/auth/account-routes.ts';
import { createAccounts } from '../../server/auth/accounts.ts';
import type { CallerEnv, OpenSessions, RequireCaller } from '../../server/auth/identity.ts';
import { KEY_BOUNDS } from '../../server/auth/issuers/issuer-keys.ts';
import type { KeyBounds } from '../../server/auth/issuers/issuer-keys.ts';
import { createIssuers } from '../../server/auth/issuers/issuers.ts';
import { createOpenSessions } from '../../server/auth/open-sessions.ts';
import { createPasswords } from '../../server/auth/passwords.ts';
import { createIdentifyCaller, createRequireCaller } from '../../server/auth/require-caller.ts';
import type { IdentifyAnyCaller } from '../../server/auth/require-caller.ts';
import type { AuthLimits } from '../../server/auth/auth-limits.ts';
import { authRoutes } from '../../server/auth/routes.ts';
import { createServiceTokens } from '../../server/auth/service-tokens/service-tokens.ts';
import { createSessionCheck } from '../../server/auth/session-check.ts';
import { loadSigningKey } from '../../server/auth/signing-key.ts';
import type { SigningKey } from '../../server/auth/signing-key.ts';
import { createVerificationKeys } from '../../server/auth/verification-keys.ts';
import type { OidcIssuer } from '../../server/config/oidc-issuers.ts';
import { createApp } from '../../server/http/app.ts';
import { createMetrics } from '../../server/operations/metrics.ts';
import { UNLIMITED } from '../../server/platform/rate-limit.ts';
import { createLogger } from '../../server/platform/logger.ts';
import type { TestDatabase } from './database.ts';

/** A clock that stands until it is moved. */
export interface MovableClock {
  now(): Date;
  monotonic(): number;
  advance(ms: number): void;
}

export function movableClock(): MovableClock {
  let at = Date.now();
  const began = at;
  return {
    now: () => new Date(at),
    monotonic: () => at - began,
    advance: (ms) => void (at += ms),
  };
}

/** The accounts of one instance behind its HTTP surface, on a clock of the test's. */
export interface TestAuth {
  readonly app: OpenAPIHono;
  readonly clock: MovableClock;
  readonly tokens: AccessTokens;
  readonly key: SigningKey;
  readonly identify: IdentifyAnyCaller;
  readonly requireCaller: RequireCaller;
  readonly openSessions: OpenSessions;
  post(path: string, body: unknown, token?: string): Promise<Response>;
  get(path: string, token?: string): Promise<Response>;
  /** Registers and logs in. */
  login(name?: string): Promise<Tokens & { email: string; password: string }>;
  remove(): void;
}

/** Issuers whose tokens are taken, and how they are asked for keys. */
export interface TestIssuers {
  readonly issuers?: readonly OidcIssuer[];
  readonly keyBounds?: KeyBounds;
}

/** What a test that is about no limit has. */
export const NO_AUTH_LIMITS: AuthLimits = {
  addressOf: () => 'a test',
  requests: UNLIMITED,
  logins: UNLIMITED,
  people: UNLIMITED,
  registrations: UNLIMITED,
  takenEmails: UNLIMITED,
  passwordChanges: UNLIMITED,
};

/** Composes accounts as the server does, on `database`. */
export async function createTestAuth(
  database: TestDatabase,
  clock = movableClock(),
  routers: (requireCaller: RequireCaller) => OpenAPIHono<CallerEnv>[] = () => [],
  limits: AuthLimits = NO_AUTH_LIMITS,
  { issuers = [], keyBounds = KEY_BOUNDS }: TestIssuers = {},
): Promise<TestAuth> {
  const dataDir = mkdtempSync(join(tmpdir(), 'halo-auth-'));
  const key = await loadSigningKey(dataDir, database.pool);
  const keys = createVerificationKeys(database.pool, clock.monotonic);
  const tokens = createAccessTokens(key, keys, clock);
  const sessions = createSessionCheck(database.pool, clock.monotonic);
  const identify = createIdentifyCaller(
    tokens,
    [createServiceTokens(database.pool, clock), createIssuers(issuers, database.pool, clock, keyBounds)],
    sessions,
  );
  const requireCaller = createRequireCaller(identify, limits.addressOf);
  const passwords = await createPasswords();
  const accounts = createAccounts({ pool: database.pool, passwords, tokens, clock });
  const app = createApp({
    routers: [
      authRoutes(accounts, keys, requireCaller, limits),
      ...accountRoutes({ pool: database.pool, passwords, requireCaller, limits, clock }),
      auditRoutes(database.pool, requireCaller),
      ...routers(requireCaller),
    ],
    logger: createLogger('silent'),
    metrics: createMetrics(),
    version: 'test',
    readiness: [],
    webApps: [],
  });
  const headers = (token: string | undefined): Record<string, string> => {
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  };
  const post = async (path: string, body: unknown, token?: string) =>
    app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers(token) },
      body: JSON.stringify(body),
    });
  return {
    app,
    clock,
    tokens,
    key,
    identify,
    requireCaller,
    openSessions: createOpenSessions(sessions),
    post,
    get: async (path, token) => app.request(path, { headers: headers(token) }),
    async login(name = 'person') {
      const credentials = {
        email: `${name}-${crypto.randomUUID()}@halo.example`,
        password: 'a long enough password',
      };
      await post('/api/v1/auth/register', { ...credentials, displayName: name });
      const answer = (await (await post('/api/v1/auth/login', credentials)).json()) as Tokens;
      return { ...answer, ...credentials };
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
