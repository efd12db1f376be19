import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** What secrets that are handed over begin with, so that whoever finds one knows what it is. */
export const SECRET_PREFIX = {
  invitation: 'halo_inv_',
  passwordReset: 'halo_rst_',
  serviceToken: 'halo_svc_',
} as const;

/** A secret, and what is kept of it. */
export interface Secret {
  readonly text: string;
  readonly hash: Buffer;
}

/** Makes a secret of 256 random bits. */
export function makeSecret(prefix = ''): Secret {
  const text = prefix + randomBytes(SECRET_BYTES).toString('base64url');
  return { text, hash: hashOfSecret(text) };
}

/**
 * What is kept of a secret, and what it is looked up by. The look-up's time tells at most how much of the hash is right, and nobody can
 * make a secret to a hash; being random, it needs no salt and no slow hash.
 */
export function hashOfSecret(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
