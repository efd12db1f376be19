import { describe, expect, it } from 'vitest';
import { Session } from './session.ts';
import type { StoredTokens, TokenStore } from './token-store.ts';

const ACCOUNT = {
  id: '01936d2a-0000-7000-8000-0000000000e1',
  email: 'a@halo.example',
  displayName: 'A',
  role: 'operator',
};
const REFRESH = 'rt_0123456789abcdefghij';

/** Storage of one browser; who is alone in it waits for whoever was before. */
function memoryTokens(kept?: StoredTokens): TokenStore {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    read: () => kept,
    write: (tokens) => void (kept = tokens),
    alone(work) {
      const next = turn.then(work);
      turn = next.catch(() => {});
      return next;
    },
  };
}

/** A server that takes the newest access token and the newest refresh token, each of which is good once. */
function server() {
  const asked: string[] = [];
  let number = 1;
  let isUp = true;
  let knows = true;
  const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
  const problem = (status: number, code: string) =>
    answer(status, { type: 'about:blank', title: code, status, code });
  const request: typeof fetch = async (input, init) => {
    const path = typeof input === 'string' ? input : '';
    asked.push(path);
    if (!isUp) throw new TypeError('no network');
    if (path.endsWith('/refresh')) {
      const sent = JSON.parse(typeof init?.body === 'string' ? init.body : '{}') as { refreshToken: string };
      if (!knows || sent.refreshToken !== `${REFRESH}${number}`) return problem(401, 'refresh_reused');
      number += 1;
      return answer(200, {
        accessToken: `access${number}`,
        refreshToken: `${REFRESH}${number}`,
        expiresIn: 900,
      });
    }
    if (new Headers(init?.headers).get('authorization') !== `Bearer access${number}`)
      return problem(401, 'token_expired');
    return answer(200, ACCOUNT);
  };
  return {
    ...{ asked, request },
    refreshes: () => asked.filter((path) => path.endsWith('/refresh')).length,
    down: () => void (isUp = false),
    forget: () => void (knows = false),
  };
}

const kept = (number: number, expiresAtMs: number): StoredTokens => ({
  accessToken: `access${number}`,
  refreshToken: `${REFRESH}${number}`,
  expiresAtMs,
});

describe('a session of the console', () => {
  it('goes on with what is kept, and exchanges the refresh token once for all who ask together', async () => {
    const { request, refreshes } = server();
    const session = new Session({ request, tokens: memoryTokens(kept(1, 10)), nowMs: () => 1_000_000 });
    await session.open();
    expect(session.state()).toMatchObject({ at: 'in', account: { role: 'operator' } });
    await Promise.all([session.ask('/a'), session.ask('/b'), session.ask('/c')]);
    expect(refreshes()).toBe(1);
  });

  it('takes what another tab has exchanged', async () => {
    const { request, refreshes } = server();
    const tokens = memoryTokens(kept(1, 10));
    const parts = { request, tokens, nowMs: () => 1_000_000 };
    const tabs = [new Session(parts), new Session(parts)];
    await Promise.all(tabs.map((tab) => tab.open()));
    expect(tabs.map((tab) => tab.state().at)).toEqual(['in', 'in']);
    expect(refreshes()).toBe(1);
  });

  it('asks again with another token where the server refuses one before its time', async () => {
    const { request, asked } = server();
    const tokens = memoryTokens({ ...kept(1, 9_000_000), accessToken: 'revoked' });
    const session = new Session({ request, tokens, nowMs: () => 1_000_000 });
    await session.open();
    expect(session.state().at).toBe('in');
    expect(asked.map((path) => path.split('/').at(-1))).toEqual(['me', 'refresh', 'me']);
  });

  it('is over where the server knows it no more, and forgets the tokens', async () => {
    const { request, forget } = server();
    const tokens = memoryTokens(kept(1, 10));
    const session = new Session({ request, tokens, nowMs: () => 1_000_000 });
    await session.open();
    forget();
    await expect(session.renew('access2')).rejects.toMatchObject({ code: 'session_over', status: 401 });
    expect([session.state(), tokens.read()]).toEqual([{ at: 'out', ended: true }, undefined]);
  });

  it('is not over because nobody answers', async () => {
    const { request, down } = server();
    const tokens = memoryTokens(kept(1, 10));
    const session = new Session({ request, tokens, nowMs: () => 1_000_000 });
    down();
    await session.open();
    expect(session.state()).toMatchObject({ at: 'failed', error: { code: 'unreachable' } });
    expect(tokens.read()).toBeDefined();
  });
});
