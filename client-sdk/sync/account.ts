import type { HaloAuth } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import type { SettingsStore } from '../platform/device-store.ts';

/** Setting: the account that tokens from elsewhere last belonged to. */
const LAST_SUBJECT = 'account.lastSubject';
/** Opening waits no longer than this for a token: there may be no network. */
const OPENING_LIMIT_MS = 5_000;
/** Length of an account's name: 64 bits of its hash. */
const NAME_HEX_DIGITS = 16;

/**
 * The name of the account's own outbox and replica. It is a hash of what is known without a network: the
 * e-mail address, or the subject of a token from elsewhere (the last one seen, while none can be had).
 * Fails with `account_unknown` where neither is there.
 */
export async function accountName(auth: HaloAuth, settings: SettingsStore): Promise<string> {
  if ('email' in auth) return hashName(`email:${auth.email.trim().toLowerCase()}`);
  return accountOfSubject(await currentSubject(auth.getToken, settings));
}

/** The name of the account whose tokens have this subject. */
export function accountOfSubject(subject: string): Promise<string> {
  return hashName(`subject:${subject}`);
}

/** Asks the app for a token; rejects when none has come after `limitMs`, or when `signal` aborts. */
export async function askApp(
  getToken: () => Promise<string>,
  limitMs: number,
  signal?: AbortSignal,
): Promise<string> {
  let giveUp: () => void = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(new Error(`getToken gave no token within ${limitMs / 1000} s`));
    timer = setTimeout(giveUp, limitMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
  });
  try {
    return await Promise.race([getToken(), late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

async function currentSubject(getToken: () => Promise<string>, settings: SettingsStore): Promise<string> {
  const last = await settings.get(LAST_SUBJECT);
  let subject: string | undefined;
  let cause: unknown;
  try {
    subject = subjectOf(await askApp(getToken, OPENING_LIMIT_MS));
  } catch (error) {
    cause = error;
  }
  if (subject !== undefined && subject !== last) await settings.set(LAST_SUBJECT, subject);
  const found = subject ?? last;
  if (found !== undefined) return found;
  const message =
    'No token could be had, and this store has not seen an account yet. Try again with a network.';
  throw new HaloClientError('account_unknown', message, { cause });
}

/**
 * The subject that a JWT claims; undefined where the token is none. It is not verified: the server does that,
 * here it only chooses whose local data to open.
 */
export function subjectOf(token: string): string | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const binary = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const text = new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
    const claims = JSON.parse(text) as { sub?: unknown };
    return typeof claims.sub === 'string' ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}

async function hashName(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, NAME_HEX_DIGITS);
}
