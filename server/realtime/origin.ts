/** A name or an address and perhaps a port: nothing that would make another part of an address of it. */
const HOST = /^[^\s/?#@\\]+$/;

/**
 * Whether a page of this origin may open a socket at `host` (the `Host` header): one of Halo's own, or of an origin that may ask by
 * CORS. Browsers do not ask before they open a socket, so it is the server that refuses. Programs send no `Origin`. The
 * scheme is left out: who ends TLS in front of Halo speaks plain HTTP to it.
 */
export function mayOpenSocket(
  origin: string | undefined,
  host: string | undefined,
  others: readonly string[],
): boolean {
  if (origin === undefined || others.includes(origin)) return true;
  if (host === undefined || !HOST.test(host) || !URL.canParse(origin)) return false;
  const { protocol, host: asking } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  const asked = `${protocol}//${host}`;
  return URL.canParse(asked) && new URL(asked).host === asking;
}
