import type { MiddlewareHandler } from 'hono';
import { isHaloError } from '../platform/errors.ts';
import type { ClientAddress } from '../platform/client-address.ts';
import { limitRequest } from '../platform/limit-request.ts';
import type { RateLimit } from '../platform/rate-limit.ts';
import { bringsSecret } from './brings-secret.ts';

/**
 * Counts the tokens and secrets of an address that were never given to anybody, and refuses those beyond the bound. Tokens are looked
 * at first, since a signature costs next to nothing: a good one is served whatever others bring from the same address. Two kinds wait
 * until the address may bring more: what Postgres must be asked about (`isUnknown`), and what is compared with a secret of the
 * operator's, which could be guessed if the right one were served after however many wrong ones. Tokens that have run out or were taken
 * back are not counted: devices bring them in all innocence.
 */
export function limitForgeries(
  limit: RateLimit,
  addressOf: ClientAddress,
  isUnknown: (authorization: string) => boolean,
): MiddlewareHandler {
  return async (context, next) => {
    const authorization = context.req.header('authorization');
    const mustWait = bringsSecret(context) || (authorization !== undefined && isUnknown(authorization));
    if (mustWait) await limit.check(addressOf(context));
    await next();
    if (context.res.status === 401 && isForgery(context.error))
      await limitRequest(context, limit, addressOf(context));
  };
}

/** The raw endpoint answers a wrong secret as Electric does, without an error. */
function isForgery(error: Error | undefined): boolean {
  return error === undefined || isHaloError(error, 'token_invalid');
}
