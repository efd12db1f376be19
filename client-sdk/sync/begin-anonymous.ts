import type { Tabs } from '../platform/tabs.ts';
import { begunAccounts, isClaimed } from './begun-accounts.ts';
import { LOGIN_REQUIRED, exchange } from './password-session.ts';
import type { Begin } from './password-session.ts';
import type { TokenOutcome } from './session.ts';

/**
 * Makes a person without an account, in one tab at a time: what others have made meanwhile is taken. A session that is over
 * cannot be had again, since nobody knows a password for it: then a new person sends what waits. Who has taken an account
 * since must log in. An answer that is lost leaves a person behind at the server of whom nothing is known.
 */
export function beginAnonymous(
  tabs: Pick<Tabs, 'exclusively'>,
  ...[options, lost, load, keep]: Parameters<Begin>
): Promise<TokenOutcome> {
  return tabs.exclusively('begin', async () => {
    const kept = await load();
    if (kept !== undefined && kept.accessToken !== lost) return { kind: 'token', token: kept.accessToken };
    if (isClaimed(await begunAccounts(options.settings), options.account)) return LOGIN_REQUIRED;
    return exchange(options, 'anonymous', {}, undefined, keep);
  });
}
