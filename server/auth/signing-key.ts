import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { Queryable } from '../db/pool.ts';
import { writeDurably } from '../platform/durable-file.ts';

/** Algorithm of every token; the only one that is accepted (RFC 8725 §3.1). */
export const ALGORITHM = 'EdDSA';

/** The key that this instance signs with. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/**
 * Loads the instance's Ed25519 key from `<dataDir>/keys`, made on first start, and publishes its public half
 * in Postgres, so that every instance verifies every other's tokens.
 */
export async function loadSigningKey(dataDir: string, db: Queryable): Promise<SigningKey> {
  const jwk = await readOrMake(join(dataDir, 'keys'));
  const kid = await calculateJwkThumbprint(jwk);
  const publicJwk: JWK = { ...(await exportJWK(await publicHalf(jwk))), kid, use: 'sig', alg: ALGORITHM };
  await db.query('INSERT INTO signing_keys (kid, public_jwk) VALUES ($1, $2) ON CONFLICT (kid) DO NOTHING', [
    kid,
    JSON.stringify(publicJwk),
  ]);
  return { kid, publicJwk, privateKey: (await importJWK(jwk, ALGORITHM)) as CryptoKey };
}

async function readOrMake(dir: string): Promise<JWK> {
  const file = join(dir, 'signing-key.json');
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (known !== undefined) return JSON.parse(known) as JWK;
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  // Half a key would keep the server from starting ever again.
  await writeDurably(file, JSON.stringify(jwk));
  return jwk;
}

/** The public key of a private JWK: importing it without `d` leaves nothing private. */
async function publicHalf({ d: _private, ...rest }: JWK): Promise<CryptoKey> {
  return (await importJWK(rest as JWK, ALGORITHM, { extractable: true })) as CryptoKey;
}
