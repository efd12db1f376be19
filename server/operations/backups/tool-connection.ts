/** What libpq and node both know, in every version that Halo knows. Of all else libpq would refuse the whole address. */
const OF_LIBPQ = new Set([
  ...['host', 'hostaddr', 'port', 'user', 'passfile', 'requirepeer', 'options', 'target_session_attrs'],
  ...['connect_timeout', 'tcp_user_timeout', 'keepalives', 'keepalives_idle', 'keepalives_interval'],
  ...['keepalives_count', 'channel_binding', 'gssencmode', 'krbsrvname', 'sslmode', 'sslcert', 'sslkey'],
  ...['sslrootcert', 'sslcrl', 'sslsni', 'ssl_min_protocol_version', 'ssl_max_protocol_version'],
]);
/** What node calls TLS without looking at the certificate; libpq does not look at it either where it is only required. */
const UNVERIFIED = 'no-verify';

/** How a tool of Postgres is told where to connect: what anybody may see in its arguments, and what nobody may. */
export interface ToolConnection {
  readonly dbname: string;
  /** Undefined: the address has none. */
  readonly password: string | undefined;
}

/**
 * A database's address as libpq takes it. It is written for node's driver, whose parameters libpq does not all know: those
 * that say how to reach the server are translated, and those that are about node alone are left out.
 */
export function toolConnection(url: string): ToolConnection {
  const bare = new URL(url);
  const given = bare.searchParams;
  const password = given.get('password') ?? decodeURIComponent(bare.password);
  bare.password = '';
  const kept = new URLSearchParams();
  for (const [name, value] of given) if (OF_LIBPQ.has(name)) kept.set(name, value);
  const sslmode = kept.get('sslmode') ?? modeOf(given.get('ssl'));
  if (sslmode === UNVERIFIED) {
    kept.set('sslmode', 'require');
    // Beside it libpq would look at the certificate after all.
    kept.delete('sslrootcert');
  } else if (sslmode !== undefined) kept.set('sslmode', sslmode);
  // A space is %20 to libpq, and a plus is a plus.
  bare.search = kept.toString().replaceAll('+', '%20');
  return { dbname: bare.href, password: password === '' ? undefined : password };
}

function modeOf(ssl: string | null): string | undefined {
  if (ssl === 'true' || ssl === '1') return 'require';
  if (ssl === 'false' || ssl === '0') return 'disable';
  return ssl === UNVERIFIED ? UNVERIFIED : undefined;
}
