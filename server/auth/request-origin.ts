import type { Context, Env } from 'hono';
import type { Origin } from '../audit/audit-log.ts';
import type { ClientAddress } from '../platform/client-address.ts';

/** Where a request comes from, for whatever is written down about it. */
export function originOf<E extends Env>(context: Context<E>, addressOf: ClientAddress): Origin {
  const requestId: unknown = (context.var as { readonly requestId?: unknown }).requestId;
  return {
    address: addressOf(context),
    requestId: typeof requestId === 'string' ? requestId : null,
  };
}
