import { createHash, timingSafeEqual } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import type { RequireCaller } from '../auth/identity.ts';
import { HaloError } from '../platform/errors.ts';
import { resolvedRoute } from '../platform/resolved-route.ts';

/** Who else may read metrics: whoever brings the secret, everybody, or nobody besides. */
export type MetricsAccess = { readonly token: string } | 'open' | undefined;

const ROUTE = 'GET /metrics';
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;
/** What a proxy says of whom it asks for: the connection comes from its machine, and the request need not. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'];

/**
 * Stands before `/metrics`: counts and times tell no person, but how much is going on. The machine itself may always read
 * them; from elsewhere it takes the secret, which Postgres need not be asked for, a service token with `metrics:read`, or
 * an operator.
 */
export function guardMetrics(access: MetricsAccess, requireCaller: RequireCaller): MiddlewareHandler {
  const guard = requireCaller(['operator']) as MiddlewareHandler;
  return (context, next) => {
    if (access === 'open' || resolvedRoute(context) !== ROUTE || isOfThisMachine(context)) return next();
    const header = context.req.header('authorization');
    if (access !== undefined && isSecret(header, access.token)) return next();
    if (header !== undefined) return guard(context, next);
    throw new HaloError('token_missing', 'From elsewhere than its own machine metrics need a token.', {
      status: 401,
      hint: 'Bring HALO_METRICS_TOKEN, or a service token with the scope metrics:read.',
    });
  };
}

/** Whether a request was made on this machine, and for nobody elsewhere. */
export function isOfThisMachine(context: Context): boolean {
  if (FORWARDED.some((name) => context.req.header(name) !== undefined)) return false;
  return LOOPBACK.test(getConnInfo(context).remote.address ?? '');
}

/** Compared in constant time. */
function isSecret(header: string | undefined, secret: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
