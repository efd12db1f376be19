import { describe, expect, it } from 'vitest';
import { oneByOne } from '../platform/one-by-one.ts';
import type { SettingsStore } from '../platform/device-store.ts';
import { changeBegun, nameWithoutAccount, sessionKey } from './begun-accounts.ts';
import { createSession } from './create-session.ts';
import type { SessionParts } from './create-session.ts';
import type { Http, HttpRequest } from './http.ts';

/** A device whose tabs share a store, and a server that makes people. */
function device() {
  const server = { people: 0, answers: true, sessionLives: true, portal: false };
  const values = new Map<string, string>();
  const settings: SettingsStore = {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  };
  const http: Http = async ({ url }: HttpRequest) => {
    const route = url.slice(url.lastIndexOf('/') + 1);
    await Promise.resolve();
    if (!server.answers) return { kind: 'unreachable', message: 'no network', stalled: false };
    if (server.portal) {
      // Somebody agrees to its rules meanwhile.
      server.portal = false;
      return answer(200, 'Welcome to our network');
    }
    if (route === 'refresh' && !server.sessionLives)
      return answer(401, { type: 'about:blank', title: 'no', status: 401, code: 'refresh_invalid' });
    if (route === 'anonymous') server.people += 1;
    const refreshToken = `refresh-${server.people}-0123456789abcdef`;
    return answer(route === 'anonymous' ? 201 : 200, {
      accessToken: `access-${server.people}`,
      refreshToken,
      expiresIn: 900,
    });
  };
  const exclusively = oneByOne();
  const tabs = () => ({ exclusively }) as never;
  const store = { settings, tabs };
  let nowMs = 0;
  const open = () => {
    const parts = {
      options: { auth: { anonymous: true }, store, url: 'http://halo.example' },
      account: 'a',
      environment: { now: () => nowMs },
    } as unknown as SessionParts;
    return createSession(parts, http, { exclusively }, new AbortController().signal);
  };
  return { server, values, settings, store, open, pass: (ms: number) => void (nowMs += ms) };
}

function answer(status: number, body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answered', status, headers: new Headers(), text } as const;
}

const HOUR_MS = 3_600_000;

describe('a session of who has no account', () => {
  it('makes one person for all tabs, once there is a network', async () => {
    const { server, open } = device();
    server.answers = false;
    const [one, other] = [open(), open()];
    expect(await one.token()).toMatchObject({ kind: 'unavailable' });
    server.answers = true;
    const tokens = await Promise.all([one.token(), other.token(), one.token()]);
    expect(tokens).toEqual(Array.from({ length: 3 }, () => ({ kind: 'token', token: 'access-1' })));
    expect(server.people).toBe(1);
  });

  it('keeps the token, which nobody could have again, whatever but the server says of it', async () => {
    const { server, values, open, pass } = device();
    await open().token();
    pass(HOUR_MS);
    server.portal = true;
    const session = open();
    expect(await session.token()).toMatchObject({ kind: 'refused', error: { code: 'http_200' } });
    pass(HOUR_MS);
    expect(await session.token()).toEqual({ kind: 'token', token: 'access-1' });
    expect([server.people, values.has(sessionKey('a'))]).toEqual([1, true]);
  });

  it('makes another person where the server says that the session is over, unless it has an account by now', async () => {
    const { server, store, open, pass } = device();
    await open().token();
    pass(HOUR_MS);
    server.sessionLives = false;
    const tokens = await Promise.all([open().token(), open().token()]);
    expect(tokens).toEqual([2, 2].map((n) => ({ kind: 'token', token: `access-${n}` })));
    await changeBegun(store, () => ({ current: 'a', claimed: { mail: 'a' } }));
    pass(HOUR_MS);
    expect(await open().token()).toMatchObject({ error: { code: 'login_required' } });
    expect(server.people).toBe(2);
  });
});

describe('the name of who has no account', () => {
  it('is one for all tabs and starts, and another one when the person has an account and has logged out', async () => {
    const { store, settings } = device();
    const [name, same] = await Promise.all([nameWithoutAccount(store), nameWithoutAccount(store)]);
    expect(name).toMatch(/^[0-9a-f]{16}$/);
    expect([same, await nameWithoutAccount(store)]).toEqual([name, name]);
    await settings.set(sessionKey(name), 'kept');
    await changeBegun(store, (begun) => ({ ...begun, claimed: { mail: name } }));
    expect(await nameWithoutAccount(store)).toBe(name);
    await settings.delete(sessionKey(name));
    expect(await nameWithoutAccount(store)).not.toBe(name);
  });
});
