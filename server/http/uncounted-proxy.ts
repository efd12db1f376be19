import { BlockList, isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { peerOf } from '../platform/client-address.ts';
import type { Logger } from '../platform/logger.ts';

/** Addresses that only machines of one's own house have: loopback, RFC 1918, RFC 4193, RFC 6598, and those of one link. */
const OWN_HOUSE = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const)
  OWN_HOUSE.addSubnet(network, bits, 'ipv4');
OWN_HOUSE.addAddress('::1', 'ipv6');
OWN_HOUSE.addSubnet('fc00::', 7, 'ipv6');
OWN_HOUSE.addSubnet('fe80::', 10, 'ipv6');

/**
 * Says once, in the log, that requests come through a proxy that nobody told of: limits by address would take all people behind it for
 * one, and soon send them away; anybody could use up what all may do together, such as asking who has an account. A stranger may write the header, too; from within the house, it is a proxy.
 */
export function warnOfUncountedProxy(proxies: number, logger: Logger): MiddlewareHandler {
  let isWatching = proxies === 0;
  return (context, next) => {
    if (isWatching && context.req.header('x-forwarded-for') !== undefined && isOfOwnHouse(peerOf(context))) {
      isWatching = false;
      logger.warn(
        { code: 'proxy_uncounted', field: 'HALO_TRUSTED_PROXIES' },
        'requests seem to come through a proxy of the house; if one stands in front, HALO_TRUSTED_PROXIES must count it, or limits take all behind it for one address, and ten tries to register with e-mail addresses that have an account shut registration for everybody for a day',
      );
    }
    return next();
  };
}

/** Whether an address, as a socket names it, is one of the house's own. */
export function isOfOwnHouse(address: string): boolean {
  // A link-local address has the name of its interface behind it.
  const [plain = ''] = address.split('%');
  const family = isIP(plain);
  return family !== 0 && OWN_HOUSE.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}
