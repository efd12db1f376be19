import { z } from 'zod';
import { accountSchema } from '@halo/shapes/protocol/accounts.ts';
import { tokensSchema } from '@halo/shapes/protocol/auth.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { problemSchema } from '@halo/shapes/protocol/problem.ts';

/** A log-in is given up after this long: someone stands in the rain and waits. */
const ANSWER_LIMIT_MS = 20_000;

/** Why an account could not be had; `code` is the problem's, or `offline` or `unreachable`. */
export interface AccountError {
  readonly code: string;
  readonly field: string | undefined;
  readonly detail: string | undefined;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Talks to the account routes, before there is a device to open. */
export interface AccountRequests {
  /** Makes an account. Resolves with what is wrong, if anything. */
  register(account: Credentials & { readonly displayName: string }): Promise<AccountError | undefined>;
  /**
   * Asks whether the password is right. The client logs in by itself later, when its stores are open, which on
   * a thin line can take minutes; nobody should wait so long to hear of a typing error. The session that
   * this makes is ended at once. Resolves with what is wrong, or with the account's role, so that an officer is
   * offered an officer's things, without a network too; what he may do the server says.
   */
  check(credentials: Credentials): Promise<AccountError | { readonly role: Role }>;
}

/** Account requests over `fetch` to this app's own origin. */
export function accountRequests(request: typeof fetch, online: () => boolean): AccountRequests {
  const ask = async (
    route: string,
    init: RequestInit,
  ): Promise<AccountError | { readonly body: unknown }> => {
    try {
      const response = await request(`/api/v1/auth/${route}`, {
        ...init,
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      });
      const text = await response.text();
      if (response.ok) return { body: parsed(text) };
      return problemError(response.status, text);
    } catch {
      return { code: online() ? 'unreachable' : 'offline', field: undefined, detail: undefined };
    }
  };
  const post = (route: string, body: unknown) =>
    ask(route, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
  const roleOf = async (accessToken: string): Promise<Role> => {
    const answer = await ask('me', { headers: { authorization: `Bearer ${accessToken}` } });
    const account = accountSchema.safeParse('body' in answer ? answer.body : undefined);
    return account.data?.role ?? 'reporter';
  };
  return {
    async register(account) {
      const answer = await post('register', account);
      return 'code' in answer ? answer : undefined;
    },
    async check({ email, password }) {
      const answer = await post('login', { email, password });
      if ('code' in answer) return answer;
      const tokens = tokensSchema.safeParse(answer.body);
      if (!tokens.success) return { role: 'reporter' };
      const role = await roleOf(tokens.data.accessToken);
      await post('logout', { refreshToken: tokens.data.refreshToken });
      return { role };
    },
  };
}

const bodySchema = z.looseObject({});

function parsed(text: string): unknown {
  try {
    return bodySchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function problemError(status: number, text: string): AccountError {
  const problem = problemSchema.safeParse(parsed(text));
  if (!problem.success) {
    return { code: status >= 500 ? 'unreachable' : `http_${status}`, field: undefined, detail: undefined };
  }
  const { code, field, detail } = problem.data;
  return { code, field, detail };
}
