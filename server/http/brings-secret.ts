import type { Context } from 'hono';
import { SECRET_PREFIX } from '../auth/secret-token.ts';
import { isOfThisMachine } from './guard-metrics.ts';

/** Where Electric's clients put the secret, if not in a header. */
const SECRET_PARAMETERS = ['secret', 'api_secret'];
/** A signed token (RFC 7519): its header is JSON, so that it begins like every other. */
const SIGNED_TOKEN = /^Bearer +eyJ[\w-]*\.[\w-]+\.[\w-]* *$/;
const SERVICE_TOKEN = new RegExp(`^Bearer +${SECRET_PREFIX.serviceToken}`);

/**
 * Whether a request brings what is compared with a secret of the operator's, `HALO_SHAPE_SECRET` or `HALO_METRICS_TOKEN`. Such a one can
 * be guessed, if somebody chose it badly; tokens of the server's own making and signed ones cannot.
 */
export function bringsSecret(context: Context): boolean {
  const { req } = context;
  const authorization = req.header('authorization');
  if (req.path === '/v1/shape')
    return authorization !== undefined || SECRET_PARAMETERS.some((name) => req.query(name) !== undefined);
  if (req.path !== '/metrics' || authorization === undefined || isOfThisMachine(context)) return false;
  return !SIGNED_TOKEN.test(authorization) && !SERVICE_TOKEN.test(authorization);
}
