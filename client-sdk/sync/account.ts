import type { HaloAuth } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import type { SettingsStore } from '../platform/device-store.ts';
import { NAME_HEX_DIGITS, begunAccounts, nameWithoutAccount } from './begun-accounts.ts';
import type { BegunStore } from './begun-accounts.ts';

/** Setting: the account that tokens from elsewhere last belonged to. */
const LAST_SUBJECT = 'account.lastSubject';
/** Opening waits no longer than this for a token: there may be no network. */
const OPENING_LIMIT_MS = 5_000;

/**
 * The name of the account's own outbox and replica, from what is known without a network: a hash of the e-mail address, or
 * of the subject of a token from elsewhere (the last one seen, while none can be had); of who has begun without an account
 * the one that was drawn then, also when he has taken an e-mail address since. Fails with `account_unknown` where there is
 * no subject.
 */
export async function accountName(auth: HaloAuth, store: BegunStore): Promise<string> {
  if ('anonymous' in auth) return nameWithoutAccount(store);
  if ('getToken' in auth) return accountOfSubject(await currentSubject(auth.getToken, store.settings));
  const name = await nameOfEmail(auth.email);
  return (await begunAccounts(store.settings)).claimed[name] ?? name;
}

/** The name of the account of this e-mail address, where it was not another person's without an account before. */
export function nameOfEmail(email: string): Promise<string> {
  return hashName(`email:${email.trim().toLowerCase()}`);
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
