import { describe, expect, it } from 'vitest';
import type { SettingsStore } from '../platform/device-store.ts';
import type { Http, HttpRequest } from './http.ts';
import { createPasswordSession } from './password-session.ts';

const YEAR_MS = 365 * 86_400_000;
const KEY = 'session.a';

/** A server whose sessions end when the test says so, and a device whose clock the test sets. */
function device({ password }: { password?: string } = {}) {
  const state = { nowMs: Date.UTC(2026, 0, 1), sessionLives: true, asked: [] as string[], given: 0 };
  const values = new Map<string, string>();
  const settings: SettingsStore = {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  };
  const http: Http = async ({ url, body }: HttpRequest) => {
    const route = url.slice(url.lastIndexOf('/') + 1);
    state.asked.push(route);
    const { password: given } = body as { password?: string };
    const isWelcome = route === 'login' ? given === 'right' : state.sessionLives;
    if (!isWelcome)
      return answer(401, { type: 'about:blank', title: 'no', status: 401, code: 'session_revoked' });
    state.sessionLives = true;
    state.given += 1;
    const n = state.given;
    const refreshToken = `refresh-${n}-0123456789abcdef`;
    return answer(200, { accessToken: `access-${n}`, refreshToken, expiresIn: 900 });
  };
  const open = () =>
    createPasswordSession({
      http,
      url: 'http://halo.example',
      email: 'ann@halo.example',
      password,
      settings,
      account: 'a',
      now: () => state.nowMs,
      signal: new AbortController().signal,
    });
  const keep = (expiresAtMs: number) =>
    void values.set(
      KEY,
      JSON.stringify({ accessToken: 'kept', refreshToken: 'refresh-0-0123456789abcdef', expiresAtMs }),
    );
  return { state, values, open, keep };
}

function answer(status: number, body: unknown) {
  return { kind: 'answered', status, headers: new Headers(), text: JSON.stringify(body) } as const;
}

describe('a session kept on a device', () => {
  it('goes on after a month offline while its refresh token is good', async () => {
    const { state, open, keep } = device();
    keep(state.nowMs);
    state.nowMs += 30 * 86_400_000;
    expect(await open().token()).toEqual({ kind: 'token', token: 'access-1' });
    expect(state.asked).toEqual(['refresh']);
  });

  it('asks for a log-in when that has run out, and logs in by itself where it has the password', async () => {
    const without = device();
    without.keep(0);
    without.state.sessionLives = false;
    expect(await without.open().token()).toMatchObject({
      kind: 'refused',
      error: { code: 'login_required' },
    });
    expect(without.values.has(KEY)).toBe(true);

    const with_ = device({ password: 'right' });
    with_.keep(0);
    with_.state.sessionLives = false;
    expect(await with_.open().token()).toMatchObject({ kind: 'token' });
    expect(with_.state.asked).toEqual(['refresh', 'login']);
  });

  it('asks a refused log-in again after a minute, also when the clock has been set back by years', async () => {
    const { state, open, keep } = device();
    keep(0);
    state.sessionLives = false;
    const session = open();
    await session.token();
    await session.token();
    expect(state.asked).toEqual(['refresh']);
    state.sessionLives = true;
    state.nowMs -= 3 * YEAR_MS;
    expect(await session.token()).toMatchObject({ kind: 'token' });
  });

  it.each([-5 * YEAR_MS, 5 * YEAR_MS])(
    'asks the server no more than once for a clock that jumps by %i ms',
    async (jump) => {
      const { state, open, keep } = device();
      keep(0);
      const session = open();
      await session.token();
      state.nowMs += jump;
      for (let n = 0; n < 10; n += 1) expect(await session.token()).toMatchObject({ kind: 'token' });
      expect(state.asked.length).toBeLessThanOrEqual(2);
      // A token that the server no longer takes is renewed, whatever the clock says of it.
      const current = await session.token();
      if (current.kind !== 'token') throw new Error('it has a token');
      expect(await session.renew(current.token)).not.toEqual(current);
    },
  );
});
