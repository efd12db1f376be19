import { createRemoteJWKSet, customFetch } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { HaloError } from '../../platform/errors.ts';

/** Bounds on asking an issuer for its keys. */
export interface KeyBounds {
  /** Longest wait for an answer, in milliseconds. */
  readonly timeoutMs: number;
  /** A key that is not known makes the keys be asked for again, at most this often. */
  readonly cooldownMs: number;
  /** Keys are asked for again after this long, or those that the issuer took back would be good for ever. */
  readonly maxAgeMs: number;
  /** After a failure nobody is asked for so long: those who wait would only wait in vain. */
  readonly failedForMs: number;
  /** Largest answer, in bytes. */
  readonly maxBytes: number;
}

export const KEY_BOUNDS: KeyBounds = {
  timeoutMs: 5_000,
  cooldownMs: 30_000,
  maxAgeMs: 600_000,
  failedForMs: 5_000,
  maxBytes: 262_144,
};

/**
 * Makes what finds the key of a token among those that `url` names now. What a token says of where its keys are is never looked at.
 *
 * Fails with 503 `issuer_unavailable` when they cannot be had.
 */
export function createIssuerKeys(url: URL, bounds: KeyBounds, now: () => number): JWTVerifyGetKey {
  let failedAt = -Infinity;
  const load = async (href: string, options: { headers: Headers; signal: AbortSignal }) => {
    if (now() - failedAt < bounds.failedForMs) throw unavailable();
    try {
      const { headers, signal } = options;
      const answer = await fetch(href, { headers, signal, redirect: 'error' });
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
      const keys: unknown = JSON.parse(await textOf(answer, bounds.maxBytes));
      if (!isKeySet(keys)) throw new Error('answered with no key set');
      return Response.json(keys);
    } catch (cause) {
      failedAt = now();
      throw unavailable(cause);
    }
  };
  return createRemoteJWKSet(url, {
    timeoutDuration: bounds.timeoutMs,
    cooldownDuration: bounds.cooldownMs,
    cacheMaxAge: bounds.maxAgeMs,
    [customFetch]: load,
  });
}

async function textOf(answer: Response, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> | null = answer.body;
  if (body === null) return '';
  for await (const piece of body) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw new Error(`answered with more than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function isKeySet(value: unknown): value is { keys: object[] } {
  if (typeof value !== 'object' || value === null || !('keys' in value)) return false;
  return (
    Array.isArray(value.keys) && value.keys.every((key: unknown) => typeof key === 'object' && key !== null)
  );
}

function unavailable(cause?: unknown): HaloError {
  return new HaloError('issuer_unavailable', 'The issuer of this token cannot be asked for its keys.', {
    status: 503,
    hint: 'Try again soon.',
    cause,
  });
}
