import { uuidv7 } from 'uuidv7';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import type { Role, Tokens } from '@halo/shapes/protocol/auth.ts';
import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import { ACCESS_TOKEN_S } from './access-token.ts';
import type { AccountsOptions } from './accounts-options.ts';
import type { ClientInfo } from './client-info.ts';
import { claimAccount, emailTaken, eraseAccount, refuseWhereClosed } from './own-account.ts';
import {
  exchange,
  insertRefreshToken,
  insertSession,
  isReuse,
  lockToken,
  revokeSession,
} from './session-store.ts';

/** What a person without an account is called. */
const ANONYMOUS_NAME = 'Anonymous';

/** Accounts and their sessions. */
export interface Accounts {
  /** Makes a reporter; nobody registers as anything else. Fails with 409 `email_taken`, and with 403 `registration_closed`. */
  register(input: { email: string; password: string; displayName: string }): Promise<Account>;
  /** Makes a reporter without a name, and begins its only session: who holds its tokens is the person. */
  begin(client: ClientInfo): Promise<Tokens>;
  /** Gives a person without an account one, with all that he has reported. Fails as `register` does, and with 409 `account_exists`. */
  claim(userId: string, input: { email: string; password: string; displayName: string }): Promise<Account>;
  /**
   * Ends all sessions of a person for good, and has him forgotten (server/privacy). Fails with 403 `password_wrong`, and with
   * 409 `last_operator`.
   */
  erase(userId: string, password: string | undefined): Promise<void>;
  /** Begins a session. Fails with 401 `login_failed`, the same for an unknown address and a wrong password. */
  login(input: { email: string; password: string }, client: ClientInfo): Promise<Tokens>;
  /** Exchanges a refresh token (decision 0005). Fails with 401 `refresh_invalid` or `refresh_reused`. */
  refresh(refreshToken: string, client: ClientInfo): Promise<Tokens>;
  /** Ends the session of a refresh token; an unknown token is as good as logged out. */
  logout(refreshToken: string): Promise<void>;
  find(userId: string): Promise<Account>;
}

interface UserRow {
  readonly id: string;
  readonly email: string | null;
  readonly display_name: string;
  readonly password_hash: string | null;
  readonly role: Role;
  readonly disabled: boolean;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const { pool, passwords } = options;
  return {
    async register({ email, password, displayName }) {
      refuseWhereClosed(options);
      const id = uuidv7();
      const { rowCount } = await pool.query(
        `INSERT INTO users (id, email, display_name, password_hash) VALUES ($1, $2, $3, $4) ON CONFLICT (email) DO NOTHING`,
        [id, email, displayName, await passwords.hash(password)],
      );
      if (rowCount === 0) {
        throw emailTaken();
      }
      return { id, email, displayName, role: 'reporter' };
    },

    async begin(client) {
      const user = { id: uuidv7(), role: 'reporter' as const, password_hash: null };
      await pool.query('INSERT INTO users (id, display_name) VALUES ($1, $2)', [user.id, ANONYMOUS_NAME]);
      return beginSession(options, user, client);
    },

    claim: (userId, input) => claimAccount(options, userId, input),

    erase: (userId, password) => eraseAccount(options, userId, password),

    async login({ email, password }, client) {
      const user = await findUser(pool, 'email', email);
      const matches = await passwords.verify(password, user?.password_hash ?? undefined);
      if (user === undefined || !matches || user.disabled) throw loginFailed();
      return beginSession(options, user, client);
    },

    refresh: (refreshToken, client) => refresh(options, refreshToken, client),

    logout: (refreshToken) =>
      inTransaction(pool, async (tx) => {
        const now = options.clock.now();
        const token = await lockToken(tx, refreshToken, now);
        if (token !== undefined) await revokeSession(tx, token.session_id, 'logout', now);
      }),

    async find(userId) {
      const user = await findUser(pool, 'id', userId);
      if (user === undefined)
        throw new HaloError('account_unknown', 'There is no such account.', { status: 404 });
      return { id: user.id, email: user.email, displayName: user.display_name, role: user.role };
    },
  };
}

async function findUser(pool: Pool, by: 'email' | 'id', value: string): Promise<UserRow | undefined> {
  const { rows } = await pool.query<UserRow>(
    `SELECT id, email, display_name, password_hash, role::text AS role, disabled_at IS NOT NULL AS disabled
       FROM users WHERE ${by} = $1`,
    [value],
  );
  return rows[0];
}

async function beginSession(
  { pool, tokens, clock }: AccountsOptions,
  user: Pick<UserRow, 'id' | 'role' | 'password_hash'>,
  client: ClientInfo,
): Promise<Tokens> {
  const sessionId = uuidv7();
  const now = clock.now();
  const refreshToken = await inTransaction(pool, async (tx) => {
    // Whoever disables him, or sets another password, ends the sessions that there are: none may come after that.
    const { rowCount } = await tx.query(
      'SELECT FROM users WHERE id = $1 AND disabled_at IS NULL AND password_hash IS NOT DISTINCT FROM $2 FOR SHARE',
      [user.id, user.password_hash],
    );
    if (rowCount === 0) throw loginFailed();
    await insertSession(tx, { id: sessionId, userId: user.id, client }, now);
    return insertRefreshToken(tx, sessionId, null, now);
  });
  const accessToken = await tokens.issue({ userId: user.id, role: user.role, sessionId });
  return { accessToken, refreshToken, expiresIn: ACCESS_TOKEN_S };
}

function loginFailed(): HaloError {
  return new HaloError('login_failed', 'E-mail address or password is wrong.', { status: 401 });
}

async function refresh(
  { pool, tokens, clock }: AccountsOptions,
  refreshToken: string,
  client: ClientInfo,
): Promise<Tokens> {
  const outcome = await inTransaction(pool, async (tx) => {
    const now = clock.now();
    const token = await lockToken(tx, refreshToken, now);
    if (token === undefined || !token.session_live || token.disabled) return 'invalid';
    if (isReuse(token, now)) {
      await revokeSession(tx, token.session_id, 'token_reuse', now);
      return 'reused';
    }
    return { successor: await exchange(tx, token, client, now), token };
  });
  if (outcome === 'invalid') {
    throw new HaloError('refresh_invalid', 'The session has ended.', { status: 401, hint: 'Log in again.' });
  }
  if (outcome === 'reused') {
    throw new HaloError('refresh_reused', 'This refresh token was used before; the session has been ended.', {
      status: 401,
      hint: 'Log in again.',
    });
  }
  const { user_id: userId, session_id: sessionId, role } = outcome.token;
  const accessToken = await tokens.issue({ userId, role, sessionId });
  return { accessToken, refreshToken: outcome.successor, expiresIn: ACCESS_TOKEN_S };
}
