import { messageOf } from '../errors.ts';
import { accountOfSubject, askApp, subjectOf } from './account.ts';
import type { Session, TokenOutcome } from './session.ts';

export interface TokenSessionOptions {
  getToken(): Promise<string>;
  /** Name of the account that was opened: its outbox is sent in no other's name. */
  readonly account: string;
  /** Longest wait for the app, in milliseconds. */
  readonly limitMs: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** A session whose tokens come from the app. A token is used until the server refuses it. */
export function createTokenSession(options: TokenSessionOptions): Session {
  let current: string | undefined;
  let asking: Promise<TokenOutcome> | undefined;

  const ask = (refused: string | undefined): Promise<TokenOutcome> => {
    asking ??= nextToken(options, refused)
      .then((outcome) => {
        current = outcome.kind === 'token' ? outcome.token : undefined;
        return outcome;
      })
      .finally(() => (asking = undefined));
    return asking;
  };
  return {
    token: async () => (current === undefined ? ask(undefined) : { kind: 'token', token: current }),
    renew: async (refused) =>
      current !== undefined && current !== refused ? { kind: 'token', token: current } : ask(refused),
    async end() {
      current = undefined;
    },
    async endOwn() {
      current = undefined;
    },
  };
}

async function nextToken(
  { getToken, account, limitMs, signal }: TokenSessionOptions,
  refused: string | undefined,
): Promise<TokenOutcome> {
  let token: string;
  try {
    token = await askApp(getToken, limitMs, signal);
  } catch (error) {
    return { kind: 'unavailable', message: messageOf(error), retryAfterMs: 0 };
  }
  const subject = subjectOf(token);
  if (subject !== undefined && (await accountOfSubject(subject)) !== account) {
    const message =
      'getToken gives a token of another account. Close this client and open one for that account.';
    return { kind: 'refused', error: { code: 'account_changed', message } };
  }
  if (token !== refused) return { kind: 'token', token };
  const message = 'The server refuses the token, and getToken gives no other.';
  return { kind: 'refused', error: { code: 'token_refused', message } };
}
