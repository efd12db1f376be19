import { tokensSchema } from '@halo/shapes/protocol/auth.ts';
import { z } from 'zod';
import type { SettingsStore } from '../platform/device-store.ts';
import { subjectOf } from './account.ts';
import { sessionKey } from './begun-accounts.ts';
import { REFUSED_RETRY_MS } from './backoff.ts';
import { parseJson, problemOf, retryAfterMs } from './http.ts';
import type { Http } from './http.ts';
import type { Session, TokenOutcome } from './session.ts';

/** A token is renewed this long before it expires. */
const RENEW_BEFORE_MS = 60_000;
/** Logging out waits no longer than this for the server. */
const LOGOUT_LIMIT_MS = 3_000;
/** What the server says of a session that is over; whatever else answers, a captive portal say, does not know. */
const OVER = ['refresh_invalid', 'refresh_reused'];

export interface PasswordSessionOptions {
  readonly http: Http;
  readonly url: string;
  /** Undefined for who has no account. */
  readonly email?: string;
  readonly password?: string | undefined;
  /** In the place of a log-in, for who has no account: makes a person. */
  readonly begin?: Begin;
  readonly settings: SettingsStore;
  /** Name of the account; its session is kept under it. */
  readonly account: string;
  readonly now: () => number;
  /** Ends what is asked of the server, but for the end of the session itself. */
  readonly signal: AbortSignal;
}

/**
 * Makes a person without an account, unless another tab has.
 *
 * @param lost the access token of a session that is over, where there was one.
 */
export type Begin = (
  options: PasswordSessionOptions,
  lost: string | undefined,
  load: () => Promise<Kept | undefined>,
  keep: (next: Kept) => Promise<void>,
) => Promise<TokenOutcome>;

const keptSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  /** By the device's clock, counted from when the token came. */
  expiresAtMs: z.number(),
  userId: z.string().optional(),
});
export type Kept = z.infer<typeof keptSchema>;

/**
 * A session of an account of this server, or of who has none. Rotated tokens are kept durably before they are used: when the
 * answer that carried them is lost, the old refresh token is still good at the server for one more exchange.
 */
export function createPasswordSession(options: PasswordSessionOptions): Session {
  const { settings, now } = options;
  const key = sessionKey(options.account);
  let asking: Promise<TokenOutcome> | undefined;
  let refused: { outcome: TokenOutcome; atMs: number } | undefined;
  /** The refresh token that this client was given last. */
  let own: string | undefined;

  const load = async (): Promise<Kept | undefined> => {
    const kept = keptSchema.safeParse(parseJson((await settings.get(key)) ?? ''));
    return kept.success ? kept.data : undefined;
  };
  const ask = (work: () => Promise<TokenOutcome>): Promise<TokenOutcome> => {
    if (refused !== undefined && isRecent(refused.atMs, now())) return Promise.resolve(refused.outcome);
    asking ??= work()
      .then((outcome) => {
        refused = outcome.kind === 'refused' ? { outcome, atMs: now() } : undefined;
        return outcome;
      })
      .finally(() => (asking = undefined));
    return asking;
  };
  const keep = async (next: Kept) => {
    own = next.refreshToken;
    await settings.set(key, JSON.stringify(next));
  };
  const renewed = () => ask(async () => refreshOrLogIn(options, load, keep));
  /** What is under way would put a new session in the place of the ended one. */
  const asked = async () => void (await asking?.catch(() => {}));
  const end = (kept: Kept | undefined) =>
    settings.delete(key).finally(() => (kept === undefined ? undefined : endAtServer(options, kept)));

  return {
    async token() {
      const kept = await load();
      if (kept !== undefined && now() < kept.expiresAtMs - RENEW_BEFORE_MS) {
        return { kind: 'token', token: kept.accessToken };
      }
      return renewed();
    },
    async renew(token) {
      const kept = await load();
      // Another caller has renewed it meanwhile.
      if (kept !== undefined && kept.accessToken !== token) return { kind: 'token', token: kept.accessToken };
      return renewed();
    },
    async end() {
      await asked();
      await end(await load());
    },
    async endOwn() {
      await asked();
      const kept = await load();
      if (kept !== undefined && kept.refreshToken === own) await end(kept);
    },
  };
}

/** A time that lies ahead was told by a clock that has been set back since, and says nothing. */
const isRecent = (atMs: number, nowMs: number) => atMs <= nowMs && nowMs < atMs + REFUSED_RETRY_MS;

/** Best effort: a session that the server does not hear of ends when its refresh token expires. */
async function endAtServer({ http, url }: PasswordSessionOptions, kept: Kept): Promise<void> {
  await http({
    method: 'POST',
    url: new URL('/api/v1/auth/logout', url).href,
    token: kept.accessToken,
    body: { refreshToken: kept.refreshToken },
    signal: AbortSignal.timeout(LOGOUT_LIMIT_MS),
  });
}

async function refreshOrLogIn(
  options: PasswordSessionOptions,
  load: () => Promise<Kept | undefined>,
  keep: (next: Kept) => Promise<void>,
): Promise<TokenOutcome> {
  const { email, password, begin } = options;
  const kept = await load();
  if (kept !== undefined) {
    const outcome = await exchange(
      options,
      'refresh',
      { refreshToken: kept.refreshToken },
      kept.userId,
      keep,
    );
    if (outcome.kind !== 'refused') return outcome;
    if (begin !== undefined && !OVER.includes(outcome.error.code)) return outcome;
  }
  if (begin !== undefined) return begin(options, kept?.accessToken, load, keep);
  if (password === undefined || password === '') return LOGIN_REQUIRED;
  return exchange(options, 'login', { email, password }, kept?.userId, keep);
}

/** Only a person can go on, by logging in. */
export const LOGIN_REQUIRED: TokenOutcome = {
  kind: 'refused',
  error: { code: 'login_required', message: 'The session has ended. Log in again.' },
};

/** Asks the server for tokens, and keeps them; those of another person than `userId` are refused. */
export async function exchange(
  { http, url, now, signal }: PasswordSessionOptions,
  route: 'login' | 'refresh' | 'anonymous',
  body: unknown,
  userId: string | undefined,
  keep: (next: Kept) => Promise<void>,
): Promise<TokenOutcome> {
  const target = new URL(`/api/v1/auth/${route}`, url).href;
  const outcome = await http({ method: 'POST', url: target, body, signal });
  if (outcome.kind !== 'answered') {
    const message = outcome.kind === 'unreachable' ? outcome.message : 'aborted';
    return { kind: 'unavailable', message, retryAfterMs: 0 };
  }
  const { status, text, headers } = outcome;
  if (status === 408 || status === 429 || status >= 500) {
    const { message } = problemOf(status, text);
    return { kind: 'unavailable', message, retryAfterMs: retryAfterMs(headers, now()) };
  }
  const tokens = tokensSchema.safeParse(parseJson(text));
  if (status > 201 || !tokens.success) {
    const { code, message } = problemOf(status, text);
    return { kind: 'refused', error: { code, message } };
  }
  const { accessToken, refreshToken, expiresIn } = tokens.data;
  const subject = subjectOf(accessToken);
  if (userId !== undefined && subject !== undefined && subject !== userId) {
    const message = 'This address now belongs to another account than the one whose data this device holds.';
    return { kind: 'refused', error: { code: 'account_changed', message } };
  }
  await keep({
    accessToken,
    refreshToken,
    expiresAtMs: now() + expiresIn * 1000,
    ...(subject === undefined ? {} : { userId: subject }),
  });
  return { kind: 'token', token: accessToken };
}
