import { tokensSchema } from '@halo/shapes/protocol/auth.ts';
import type { ClaimInput, EraseInput } from '../account-api.ts';
import { HaloClientError } from '../errors.ts';
import { nameOfEmail, subjectOf } from './account.ts';
import { askServer } from './ask-server.ts';
import type { AskParts } from './ask-server.ts';
import { changeBegun } from './begun-accounts.ts';
import { parseJson } from './http.ts';
import type { DeviceStore } from '../platform/device-store.ts';

export { askServer } from './ask-server.ts';

/** What it needs to change the account that a device belongs to. */
export interface OwnAccountParts extends AskParts {
  readonly store: DeviceStore;
  /** Name of the outbox and replica. */
  readonly account: string;
}

/**
 * Gives who has begun without an account one; see `Halo.claim`. The server comes first: what is noted here is only where the
 * person's things are when he logs in by the address.
 */
export async function claimAccount(parts: OwnAccountParts, input: ClaimInput): Promise<void> {
  const { account, store } = parts;
  const { email, password, displayName } = input;
  const name = await nameOfEmail(email);
  await refuseOtherQueue(parts, name);
  try {
    await askServer(parts, 'POST', '/api/v1/auth/claim', { email, password, displayName });
  } catch (error) {
    // The answer to an earlier claim may have been lost: who knows the password was the one who made it.
    const isTaken = error instanceof HaloClientError && error.code === 'account_exists';
    if (!isTaken || !(await isOwn(parts, input))) throw error;
  }
  await changeBegun(store, (begun) => ({ ...begun, claimed: { ...begun.claimed, [name]: account } }));
}

/** Asks the server to forget the person; see `Halo.erase`. */
export async function eraseAccount(parts: AskParts, { password }: EraseInput): Promise<void> {
  await askServer(parts, 'DELETE', '/api/v1/auth/me', password === undefined ? {} : { password });
}

/** What was queued under this address before it was anybody's would be out of sight for good. */
async function refuseOtherQueue({ account, store }: OwnAccountParts, name: string): Promise<void> {
  if (name === account) return;
  const other = await store.openOutbox(name);
  try {
    const { pending, rejected } = await other.counts();
    if (pending + rejected === 0) return;
  } finally {
    await other.close();
  }
  const message = 'This device holds reports that wait under this address. Take another, or log in with it.';
  throw new HaloClientError('email_in_use_here', message, { field: 'email' });
}

/** Whether this is the account of who is logged in here. */
async function isOwn(parts: OwnAccountParts, account: ClaimInput): Promise<boolean> {
  const { http, session, url, signal } = parts;
  const { email, password } = account;
  const post = (route: string, body: unknown) =>
    http({ method: 'POST', url: new URL(`/api/v1/auth/${route}`, url).href, body, signal });
  const answer = await post('login', { email, password });
  const tokens = tokensSchema.safeParse(answer.kind === 'answered' ? parseJson(answer.text) : undefined);
  if (!tokens.success) return false;
  const { accessToken, refreshToken } = tokens.data;
  // It was only to find out.
  await post('logout', { refreshToken });
  const own = await session.token();
  return own.kind === 'token' && subjectOf(own.token) === subjectOf(accessToken);
}
