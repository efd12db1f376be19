import type { RequireCaller } from '../auth/identity.ts';
import type { ClientAddress } from '../platform/client-address.ts';
import { kindOf } from './admit-reads.ts';
import type { ReaderShares } from './reader-shares.ts';
import { heldUntilSent } from './when-sent.ts';

/** The same guard, which counts each read against what its account and its address may have in flight, until its answer has left. */
export function admitCallers(
  requireCaller: RequireCaller,
  shares: ReaderShares,
  addressOf: ClientAddress,
): RequireCaller {
  return (roles) => {
    const identify = requireCaller(roles);
    return (context, next) =>
      identify(context, async () => {
        const release = shares.take(kindOf(context), context.get('caller'), addressOf(context));
        await heldUntilSent(context, release, next);
      });
  };
}
