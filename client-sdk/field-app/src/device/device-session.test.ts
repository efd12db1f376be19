import { describe, expect, it } from 'vitest';
import type { Halo } from '@halo/client';
import type { AccountError } from './account-requests.ts';
import { DeviceSession } from './device-session.ts';
import { preferencesIn } from './preferences.ts';

/** A session over doors that note who goes through: opening real devices is proved in Chromium. */
function setUp(wrong?: AccountError, logout?: () => Promise<void>) {
  const kept = new Map<string, string>();
  const preferences = preferencesIn({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  });
  const log: string[] = [];
  const roles: string[] = [];
  let open = 0;
  const session = new DeviceSession({
    preferences,
    requests: { register: async () => wrong, check: async () => wrong ?? { role: 'officer' } },
    open: async ({ email, password, counties: { regions, watched }, role }) => {
      open += 1;
      log.push(
        `open ${email ?? 'nobody'} ${password ?? '-'} [${[...regions, ...watched.map((code) => `watch ${code}`)].join()}] ${open}`,
      );
      roles.push(role);
      const leave = async () => void (open -= 1);
      const refuse = async () => Promise.reject(Object.assign(new Error(), wrong));
      const claim = wrong === undefined ? async () => {} : refuse;
      return { close: leave, logout: logout ?? leave, claim, erase: logout ?? leave } as unknown as Halo;
    },
  });
  return { session, preferences, log, roles };
}
const KIM = { email: 'kim@example.org', password: 'a long password' };

describe('DeviceSession', () => {
  it('knows the role of the log-in for as long as the account is on the device, and no longer', async () => {
    const { session, preferences, roles } = setUp();
    await session.logIn(KIM);
    expect(session.state()).toMatchObject({ at: 'open', role: 'officer' });
    await session.chooseRegion('01');
    expect(roles).toEqual(['officer', 'officer']);
    await session.logOut({});
    expect(preferences.role()).toBe('reporter');
  });

  it('opens the last account at once, without a password', async () => {
    const { session, preferences, log } = setUp();
    preferences.setEmail(KIM.email);
    preferences.chooseRegion('01');
    await session.start();
    expect(log).toEqual(['open kim@example.org - [01] 1']);
    expect(session.state()).toMatchObject({ at: 'open', region: '01' });
  });

  it('has one device open at a time, and keeps the counties chosen last', async () => {
    const { session, log } = setUp();
    await session.logIn(KIM);
    for (const code of ['01', '12', '14', '03']) await session.chooseRegion(code);
    expect(log.at(-1)).toBe('open kim@example.org a long password [03,14,12] 1');
    expect(log.every((line) => line.endsWith(' 1'))).toBe(true);
  });

  it('opens anew once for the forecasts of watched places that it lacks, and keeps them whatever county is in view', async () => {
    const { session, preferences, log } = setUp();
    await session.logIn(KIM);
    await session.chooseRegion('01');
    session.rememberWatched(['03', '01']);
    expect(log).toHaveLength(2);
    await Promise.all([session.fetchWatched(), session.fetchWatched()]);
    await session.fetchWatched();
    expect(log.slice(2)).toEqual(['open kim@example.org a long password [01,watch 03,watch 01] 1']);
    expect(session.state()).toMatchObject({ at: 'open', region: '01', forecasts: ['01', '03'] });
    await session.chooseRegion('03');
    await session.fetchWatched();
    expect(log.slice(3)).toEqual(['open kim@example.org a long password [03,01,watch 03,watch 01] 1']);
    // A place less: nothing is missing, and the next opening keeps one county less.
    session.rememberWatched(['01']);
    await session.fetchWatched();
    expect([log.length, preferences.watched()]).toEqual([4, ['01']]);
    await session.logOut({});
    expect(preferences.watched()).toEqual([]);
    await session.logIn({ ...KIM, email: 'robin@example.org' });
    expect(log.at(-1)).toBe('open robin@example.org a long password [] 1');
  });

  it('remembers the counties of watched places over restarts, and goes on where the browser stores nothing', async () => {
    const { session, preferences, log } = setUp();
    preferences.setEmail(KIM.email);
    preferences.setWatched(['03']);
    await session.start();
    expect(log).toEqual(['open kim@example.org - [watch 03] 1']);
    preferences.setWatched = () => {};
    session.rememberWatched(['12']);
    for (let n = 0; n < 3; n += 1) await session.fetchWatched();
    expect(log).toHaveLength(2);
  });

  it('opens nothing when the password is wrong, and forgets everything at log-out', async () => {
    const error = { code: 'login_failed', field: undefined, detail: undefined };
    const refused = setUp(error);
    expect(await refused.session.logIn(KIM)).toEqual(error);
    expect(refused.log).toEqual([]);
    const { session, preferences } = setUp();
    await session.logIn(KIM);
    await session.chooseRegion('01');
    await session.logOut({});
    expect(session.state()).toEqual({ at: 'out' });
    expect([preferences.email(), preferences.regions()]).toEqual([undefined, []]);
  });

  it('leaves the account when another tab has logged out, and forgets its password', async () => {
    const { session, preferences, log } = setUp();
    await session.logIn(KIM);
    preferences.clear();
    await session.changedElsewhere();
    expect(session.state()).toEqual({ at: 'out' });
    preferences.setEmail(KIM.email);
    await session.start();
    expect(log.at(-1)).toBe('open kim@example.org - [] 1');
  });

  it('is out when the log-out has closed the device and something else of it failed', async () => {
    const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
    const refused = setUp(undefined, failing('unsent_mutations'));
    await refused.session.logIn(KIM);
    await expect(refused.session.logOut({})).rejects.toMatchObject({ code: 'unsent_mutations' });
    expect(refused.session.state()).toMatchObject({ at: 'open' });
    const { session, preferences } = setUp(undefined, failing('replica_not_removed'));
    await session.logIn(KIM);
    await session.logOut({});
    expect([session.state(), preferences.email()]).toEqual([{ at: 'out' }, undefined]);
  });

  it('begins without an account, also at the next start, and keeps what is here with the account made of it', async () => {
    const { session, preferences, log } = setUp();
    await session.begin();
    await session.chooseRegion('01');
    expect(session.state()).toMatchObject({ at: 'open', email: undefined });
    await session.start();
    expect(log).toEqual(['open nobody - [] 1', 'open nobody - [01] 1', 'open nobody - [01] 1']);
    expect(await session.claim({ ...KIM, displayName: 'Kim' })).toBeUndefined();
    expect(session.state()).toMatchObject({ at: 'open', email: KIM.email, region: '01' });
    expect([preferences.email(), preferences.isAnonymous(), log.length]).toEqual([KIM.email, false, 3]);
    await session.erase(KIM.password);
    expect([session.state(), preferences.email()]).toEqual([{ at: 'out' }, undefined]);
  });

  it('says what is wrong with an account to be made, and goes on without it', async () => {
    const error = { code: 'email_taken', field: 'email', detail: '' };
    const { session, preferences } = setUp(error);
    await session.begin();
    expect(await session.claim({ ...KIM, displayName: 'Kim' })).toEqual(error);
    expect([session.state(), preferences.isAnonymous()]).toMatchObject([{ email: undefined }, true]);
  });

  it('learns from another tab that there is an account now', async () => {
    const { session, preferences } = setUp();
    await session.begin();
    preferences.setEmail(KIM.email);
    await session.changedElsewhere();
    expect(session.state()).toMatchObject({ at: 'open', email: KIM.email });
  });
});
