/** What libpq and node both know, in every version that Halo knows. Of all else libpq would refuse the whole address. */
const OF_LIBPQ = new Set([
  ...['host', 'hostaddr', 'port', 'user', 'passfile', 'requirepeer', 'options', 'target_session_attrs'],
  ...['connect_timeout', 'tcp_user_timeout', 'keepalives', 'keepalives_idle', 'keepalives_interval'],
  ...['keepalives_count', 'channel_binding', 'gssencmode', 'krbsrvname', 'sslmode', 'sslcert', 'sslkey'],
  ...['sslrootcert', 'sslcrl', 'sslsni', 'ssl_min_protocol_version', 'ssl_max_protocol_version'],
]);
/** What node calls TLS without looking at the certificate; libpq does not look at it either where it is only required. */
const UNVERIFIED = 'no-verify';
/** What the driver reads as libpq does, once it is told to by `uselibpqcompat`. */
const READ_ALIKE = new Set(['disable', 'require', 'verify-ca', 'verify-full']);
/** Any of these has the driver look at the certificate, whatever `ssl` says. */
const OF_CERTIFICATES = ['sslcert', 'sslkey', 'sslrootcert'];

/** How a tool of Postgres is told where to connect: what anybody may see in its arguments, and what nobody may. */
export interface ToolConnection {
  readonly dbname: string;
  /** Undefined: the address has none. */
  readonly password: string | undefined;
}

/**
 * A database's address as libpq takes it. It is written for node's driver, whose parameters libpq does not all know: those
 * that say how to reach the server are translated, and those that are about node alone are left out.
 *
 * @param modeOfEnvironment PGSSLMODE, by which the driver goes where the address says nothing of TLS
 */
export function toolConnection(url: string, modeOfEnvironment?: string): ToolConnection {
  const bare = new URL(url);
  // Of what is given twice the last holds, to the driver as to libpq.
  const given = new Map(bare.searchParams);
  const password = given.get('password') ?? decodeURIComponent(bare.password);
  bare.password = '';
  const kept = new URLSearchParams([...given].filter(([name]) => OF_LIBPQ.has(name)));
  const tls = tlsOf(given, modeOfEnvironment);
  if (tls === undefined) kept.delete('sslmode');
  else kept.set('sslmode', tls.sslmode);
  // Beside it libpq would look at the certificate after all.
  if (tls?.ignoresRoot === true) kept.delete('sslrootcert');
  // A space is %20 to libpq, and a plus is a plus.
  bare.search = kept.toString().replaceAll('+', '%20');
  return { dbname: bare.href, password: password === '' ? undefined : password };
}

interface Tls {
  readonly sslmode: string;
  readonly ignoresRoot?: true;
}

const NONE: Tls = { sslmode: 'disable' };
const ANY_CERTIFICATE: Tls = { sslmode: 'require', ignoresRoot: true };
const VERIFIED: Tls = { sslmode: 'verify-full' };

/**
 * What asks libpq for no less than the driver asks for. The driver reads nearly every word as TLS with a certificate that is
 * verified, also where libpq would look at none (`require`), or do without TLS (`prefer`, `allow`): what is not known to be read
 * alike is verified. Undefined where nothing is said: the driver does without TLS, and libpq takes it where it can.
 */
function tlsOf(given: ReadonlyMap<string, string>, modeOfEnvironment: string | undefined): Tls | undefined {
  const said = (name: string) => (given.get(name) ?? '') !== '';
  const sslmode = given.get('sslmode') ?? '';
  if (sslmode !== '') return given.get('uselibpqcompat') === 'true' ? compatible(sslmode) : ofDriver(sslmode);
  if (OF_CERTIFICATES.some(said)) return VERIFIED;
  const ssl = given.get('ssl');
  if (ssl === '0') return NONE;
  if (ssl !== undefined) return ssl === '' ? undefined : ofDriver(ssl);
  if (given.get('sslnegotiation') === 'direct') return VERIFIED;
  return (modeOfEnvironment ?? '') === '' ? undefined : ofDriver(modeOfEnvironment!);
}

function ofDriver(word: string): Tls {
  if (word === 'disable') return NONE;
  return word === UNVERIFIED ? ANY_CERTIFICATE : VERIFIED;
}

function compatible(sslmode: string): Tls {
  // The driver goes on with TLS or not at all.
  if (sslmode === 'prefer') return ANY_CERTIFICATE;
  return READ_ALIKE.has(sslmode) ? { sslmode } : VERIFIED;
}
