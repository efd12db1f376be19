import { messageOf } from '../errors.ts';
import type { Session, TokenOutcome } from './session.ts';

/** A session whose tokens come from the app. A token is used until the server refuses it. */
export function createTokenSession(getToken: () => Promise<string>): Session {
  let current: string | undefined;
  let asking: Promise<TokenOutcome> | undefined;

  const ask = (refused: string | undefined): Promise<TokenOutcome> => {
    asking ??= askApp(getToken, refused)
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
  };
}

async function askApp(getToken: () => Promise<string>, refused: string | undefined): Promise<TokenOutcome> {
  let token: string;
  try {
    token = await getToken();
  } catch (error) {
    return { kind: 'unavailable', message: messageOf(error), retryAfterMs: 0 };
  }
  if (token !== refused) return { kind: 'token', token };
  const message = 'The server refuses the token, and getToken gives no other.';
  return { kind: 'refused', error: { code: 'token_refused', message } };
}
