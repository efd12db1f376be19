import { isIPv6 } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, Env, Input } from 'hono';

/** Tells whom a request comes from, in a form that is good for counting. */
export type ClientAddress = <E extends Env, Path extends string, In extends Input>(
  context: Context<E, Path, In>,
) => string;

/**
 * Makes it for a server behind so many reverse proxies. Each proxy appends to `X-Forwarded-For` whom it serves,
 * so the entry of the outermost is that many from the end; what stands before it is what the client claims.
 * Without a proxy the header is a claim altogether, and only the connection counts.
 */
export function clientAddress(proxies: number): ClientAddress {
  return (context) => {
    const forwarded = context.req.header('x-forwarded-for')?.split(',') ?? [];
    const named = proxies === 0 ? undefined : forwarded.at(-proxies)?.trim();
    return countedAs(named ?? peerOf(context));
  };
}

/** An IPv6 network of 64 bits is one customer's, who may take any address in it. */
export function countedAs(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':');
    while (groups.length + last.length < 8) groups.push('0');
    groups.push(...last);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** Who is at the other end of the connection: a client, or the nearest proxy. */
export function peerOf<E extends Env, Path extends string, In extends Input>(
  context: Context<E, Path, In>,
): string {
  try {
    return getConnInfo(context).remote.address ?? 'unknown';
  } catch {
    // Not called through a socket.
    return 'unknown';
  }
}
