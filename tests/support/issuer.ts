import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';

/** An OpenID Connect issuer on loopback: its keys over HTTP, and tokens of any making. */
export interface TestIssuer {
  readonly url: string;
  readonly jwksUrl: string;
  /** How often its keys were asked for. */
  asked(): number;
  /** What it answers instead of its keys; undefined: them. */
  answer: { readonly status: number; readonly body: string } | undefined;
  /** Makes another key; the earlier ones are taken back. */
  rotate(): Promise<void>;
  /** Signs with the present key; claims and header as they should be, but for what is given. */
  token(claims?: JWTPayload, header?: Record<string, unknown>, key?: CryptoKey | Uint8Array): Promise<string>;
  /** The public key, as text. */
  publicText(): Promise<string>;
  privateKey(): CryptoKey;
  close(): Promise<void>;
}

export async function startIssuer(audience: string): Promise<TestIssuer> {
  let asked = 0;
  let serial = 0;
  let pair = await generateKeyPair('RS256', { extractable: true });
  const publicJwk = async (): Promise<JWK> => ({
    ...(await exportJWK(pair.publicKey)),
    kid: `key-${serial}`,
    alg: 'RS256',
    use: 'sig',
  });
  const server = createServer((_, response) => {
    asked += 1;
    void (async () => {
      const { status, body } = issuer.answer ?? {
        status: 200,
        body: JSON.stringify({ keys: [await publicJwk()] }),
      };
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: TestIssuer = {
    url,
    jwksUrl: `${url}/keys`,
    asked: () => asked,
    answer: undefined,
    async rotate() {
      serial += 1;
      pair = await generateKeyPair('RS256', { extractable: true });
    },
    token(claims = {}, header = {}, key = pair.privateKey) {
      const now = Math.floor(Date.now() / 1000);
      const all = { iss: url, aud: audience, sub: 'somebody', iat: now, exp: now + 300, ...claims };
      const given = Object.entries(all).filter(([, value]) => value !== undefined);
      return new SignJWT(Object.fromEntries(given))
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: `key-${serial}`, ...header })
        .sign(key);
    },
    publicText: () => exportSPKI(pair.publicKey),
    privateKey: () => pair.privateKey,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return issuer;
}
