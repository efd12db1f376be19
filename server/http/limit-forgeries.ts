import type { MiddlewareHandler } from 'hono';
import { isHaloError } from '../platform/errors.ts';
import type { ClientAddress } from '../platform/client-address.ts';
import { limitRequest } from '../platform/limit-request.ts';
import type { RateLimit } from '../platform/rate-limit.ts';

/**
 * Refuses an address that has brought too many tokens that were never given to anybody, before more of them are looked
 * at. Tokens that have run out or were taken back are not counted: devices bring them in all innocence.
 */
export function limitForgeries(limit: RateLimit, addressOf: ClientAddress): MiddlewareHandler {
  return async (context, next) => {
    // Who brings no token, to log in or to ask how the server fares, is not kept out by what others bring.
    if (context.req.header('authorization') !== undefined || context.req.query('secret') !== undefined)
      await limit.check(addressOf(context));
    await next();
    if (context.res.status !== 401 || !isForgery(context.error)) return;
    // The answer to this one stands; the next one hears of it.
    await limitRequest(context, limit, addressOf(context)).catch(() => {});
  };
}

/** The raw endpoint answers a wrong secret as Electric does, without an error. */
function isForgery(error: Error | undefined): boolean {
  return error === undefined || isHaloError(error, 'token_invalid');
}
