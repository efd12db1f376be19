import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../session/api-error.ts';
import type { SessionState } from '../session/session.ts';
import { Follower } from './follower.ts';

const IN: SessionState = {
  at: 'in',
  account: {
    ...{ id: '01936d2a-0000-7000-8000-0000000000e1', email: 'a@halo.example', displayName: 'A' },
    role: 'operator',
  },
};
const UP_TO_DATE = { headers: { control: 'up-to-date' } };
const row = (id: string) => ({ key: id, value: { id }, headers: { operation: 'insert' } });

/** An answer of the shape API that has all; what comes after it begins at `offset`. */
function answer(offset: string, messages: readonly object[]): Response {
  return new Response(JSON.stringify(messages), {
    headers: {
      ...{ 'electric-handle': 'h', 'electric-offset': offset, 'electric-schema': '{"id":{"type":"text"}}' },
      ...{ 'electric-cursor': offset, 'electric-up-to-date': '' },
    },
  });
}
const refused = () => new Response(JSON.stringify({ code: 'token_expired' }), { status: 401 });

/** A follower before a server that gives `answers` one after another and then nothing new, and a session that renews so. */
function followerOf(
  answers: (() => Response)[],
  renewals: (() => Promise<string>)[],
  tokens: (() => Promise<string>)[] = [],
) {
  let state = IN;
  let renewed = 0;
  const seen: string[] = [];
  const follower = new Follower({
    session: {
      state: () => state,
      accessToken: () => (tokens.shift() ?? (() => Promise.resolve('token')))(),
      accessTokenInUse: () => 'token',
      renew: () => {
        renewed += 1;
        return (renewals.shift() ?? (() => Promise.resolve('another')))().catch((error: ApiError) => {
          if (error.code === 'session_over') state = { at: 'out', ended: true };
          throw error;
        });
      },
    },
    // Electric's client remembers what it has had of an address.
    origin: `http://halo-${crypto.randomUUID()}.example`,
    request: async (_, init) => {
      // What an answer before has brought is shown first.
      await new Promise((resolve) => setTimeout(resolve));
      const next = answers.shift();
      if (next !== undefined) return next();
      return new Promise<never>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new DOMException('over', 'AbortError')));
      });
    },
    rest: () => Promise.resolve(),
  });
  const follow = () =>
    follower.subscribe('devices', () => {
      const { at } = follower.read('devices');
      if (seen.at(-1) !== at) seen.push(at);
    });
  ends.push(() => follower.close());
  const ids = () => follower.read('devices').rows.map(({ id }) => id);
  return { follower, follow, ids, seen, renewals: () => renewed };
}

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
const within = { timeout: 20_000 };
const fails = (code: string, status: number) => () => Promise.reject(new ApiError(code, status, ''));

describe('a shape that is followed', () => {
  it.each([
    ['the server is busy', fails('rate_limited', 429)],
    ['the database is away', fails('database_unavailable', 503)],
    ['nobody answers', fails('unreachable', 0)],
  ])('is lost and goes on where its token cannot be renewed for a while, since %s', async (_, failure) => {
    const { follow, seen, ids, renewals } = followerOf(
      [() => answer('1_0', [row('a'), UP_TO_DATE]), refused, () => answer('2_0', [row('b'), UP_TO_DATE])],
      [failure, failure],
    );
    follow();
    await vi.waitFor(() => expect(ids()).toEqual(['a', 'b']), within);
    expect([seen, renewals()]).toEqual([['live', 'lost', 'live'], 3]);
  });

  it('waits for a token before it asks, however often that fails', async () => {
    const { follow, seen, ids } = followerOf(
      [() => answer('1_0', [row('a'), UP_TO_DATE])],
      [],
      Array.from({ length: 60 }, () => fails('unreachable', 0)),
    );
    follow();
    await vi.waitFor(() => expect([seen, ids()]).toEqual([['live'], ['a']]), within);
  });

  it('begins anew after an answer that was not the server’s', async () => {
    const { follow, follower, seen, ids } = followerOf(
      [
        () => answer('1_0', [row('a'), UP_TO_DATE]),
        () => new Response('<p>Welcome to this network</p>', { status: 200 }),
        () => answer('2_0', [row('b'), UP_TO_DATE]),
      ],
      [],
    );
    follow();
    await vi.waitFor(() => expect(ids()).toEqual(['b']), within);
    expect([seen, follower.read('devices').begunAnew]).toEqual([['live', 'lost', 'live'], 1]);
  });

  it('ends where the session is over, and where the server refuses it', async () => {
    const over = followerOf(
      [() => answer('1_0', [row('a'), UP_TO_DATE]), refused],
      [fails('session_over', 401)],
    );
    over.follow();
    await vi.waitFor(() => expect(over.renewals()).toBe(1), within);
    const forbidden = followerOf(
      [() => new Response(JSON.stringify({ code: 'forbidden' }), { status: 403 })],
      [],
    );
    forbidden.follow();
    await vi.waitFor(() => expect(forbidden.seen).toEqual(['refused']), within);
    expect(over.seen).toEqual(['live']);
  });
});
