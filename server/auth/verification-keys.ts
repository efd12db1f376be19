import { importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { Queryable } from '../db/pool.ts';

/** An unknown key id makes the list be read again, at most this often. */
const RELOAD_AFTER_MS = 5_000;
/** And the list is read again after this, so that a key that was retired (`signing_keys.retired_at`) is trusted no longer. */
const TRUSTED_MS = 60_000;

/** The public keys of all instances, cached. */
export interface VerificationKeys {
  byId(kid: string): Promise<CryptoKey | undefined>;
  /** For the JWKS document. */
  all(): Promise<JWK[]>;
}

/** Reads public keys from Postgres. `now` is a monotonic clock in milliseconds. */
export function createVerificationKeys(db: Queryable, now: () => number): VerificationKeys {
  let keys = new Map<string, CryptoKey>();
  let jwks: JWK[] = [];
  let loadedAt = -Infinity;
  let loading: Promise<void> | undefined;

  const load = async () => {
    const { rows } = await db.query<{ kid: string; public_jwk: JWK }>(
      'SELECT kid, public_jwk FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at',
    );
    const imported = rows.map(
      async ({ kid, public_jwk }) => [kid, (await importJWK(public_jwk)) as CryptoKey] as const,
    );
    keys = new Map(await Promise.all(imported));
    jwks = rows.map(({ public_jwk }) => public_jwk);
    loadedAt = now();
  };
  const reload = () =>
    (loading ??= load().finally(() => {
      loading = undefined;
    }));

  return {
    async byId(kid) {
      const age = now() - loadedAt;
      if (age > TRUSTED_MS || (!keys.has(kid) && age > RELOAD_AFTER_MS)) await reload();
      return keys.get(kid);
    },
    async all() {
      if (now() - loadedAt > RELOAD_AFTER_MS) await reload();
      return jwks;
    },
  };
}
