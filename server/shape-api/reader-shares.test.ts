import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import { isHaloError } from '../platform/errors.ts';
import { admitCallers } from './admit-callers.ts';
import { ReaderShares, shareBounds } from './reader-shares.ts';

const BOUNDS = {
  account: { initial: 2, live: 3 },
  service: { initial: 4, live: 4 },
  address: { initial: 5, live: 4 },
};
const sharesOf = () => new ReaderShares(BOUNDS, () => 0.5);
const ann = { userId: 'ann' };
const refused = expect.objectContaining({
  code: 'rate_limited',
  status: 429,
  details: expect.objectContaining({ retryAfterS: 6 }) as unknown,
}) as Error;

describe('the share of one', () => {
  it('invariant 6: leaves others served when an account has as much as it may, by kind, until an answer has gone', () => {
    const shares = sharesOf();
    const [first] = [shares.take('initial', ann, 'here'), shares.take('initial', ann, 'there')];
    expect(() => shares.take('initial', ann, 'elsewhere')).toThrowError(refused);
    shares.take('live', ann, 'here');
    shares.take('initial', { userId: 'bo' }, 'here');
    expect([shares.refused('initial'), shares.refused('live')]).toEqual([1, 0]);
    first();
    first();
    shares.take('initial', ann, 'here');
    expect(() => shares.take('initial', ann, 'here')).toThrowError(refused);
  });

  it('holds for an address with many accounts, and takes nothing from those that are refused', () => {
    const shares = sharesOf();
    for (const userId of ['a', 'b', 'c', 'd']) shares.take('live', { userId }, 'here');
    for (let n = 0; n < 9; n += 1) expect(() => shares.take('live', ann, 'here')).toThrowError(refused);
    for (let n = 0; n < 3; n += 1) shares.take('live', ann, 'there');
  });

  it('is half of all for an integration, from one address, and takes nothing from the people there', () => {
    const shares = new ReaderShares(shareBounds({ initial: 40, live: 40 }), () => 0.5);
    const service = { userId: 'service', scopes: ['shapes:read'] as const };
    for (let n = 0; n < 20; n += 1) shares.take('initial', service, 'here');
    expect(() => shares.take('initial', service, 'there')).toThrowError(refused);
    for (let n = 0; n < 10; n += 1) shares.take('initial', { userId: `${n}` }, 'here');
    expect(() => shares.take('initial', ann, 'here')).toThrowError(refused);
  });

  it('is no bound where limits are off', () => {
    const none = new ReaderShares(undefined, Math.random);
    for (let n = 0; n < 99; n += 1) none.take('initial', ann, 'here');
    expect(none.refused('initial')).toBe(0);
  });

  it('leaves others served in a small house, from however many addresses one account asks', () => {
    const shares = new ReaderShares(shareBounds({ initial: 100, live: 200 }), () => 0.5);
    let served = 0;
    for (let n = 0; n < 200; n += 1) {
      try {
        shares.take('live', ann, `address ${n}`);
        served += 1;
      } catch (error) {
        expect(error).toEqual(refused);
      }
    }
    expect(served).toBe(50);
    shares.take('live', { userId: 'bo' }, 'address 1');
  });

  it('is a part of what all may have, and never nothing', () => {
    expect(shareBounds({ initial: 2_000, live: 15_000 })).toEqual({
      account: { initial: 100, live: 200 },
      service: { initial: 1_000, live: 7_500 },
      address: { initial: 500, live: 3_750 },
    });
    expect(shareBounds({ initial: 200, live: 200 }).account).toEqual({ initial: 50, live: 50 });
    const one = { initial: 1, live: 1 };
    expect(shareBounds(one)).toEqual({ account: one, service: one, address: one });
  });
});

it('a read is in flight from when its caller is known until it was answered, also where that failed', async () => {
  const asHeaderSays: RequireCaller = () => async (context, next) => {
    const userId = context.req.header('x-user') ?? '';
    context.set('caller', { userId, role: 'reporter', sessionId: 's', expiresAt: new Date() });
    await next();
  };
  const guard = admitCallers(asHeaderSays, sharesOf(), () => 'here');
  const app = new Hono<CallerEnv>();
  app.onError((error, context) => context.text('', isHaloError(error, 'rate_limited') ? 429 : 500));
  const waiting: (() => void)[] = [];
  app.get('/', guard(), async (context) => {
    await new Promise<void>((resolve) => void waiting.push(resolve));
    if (context.req.query('fail') !== undefined) throw new Error('no');
    return context.text('answered');
  });
  const ask = async (user: string, path = '/') =>
    (await app.request(path, { headers: { 'x-user': user } })).status;
  const asked = [ask('ann'), ask('ann', '/?fail')];
  while (waiting.length < 2) await new Promise(setImmediate);
  expect(await ask('ann')).toBe(429);
  // The other kind has its own share, and so has somebody else.
  asked.push(ask('ann', '/?live=true'), ask('bo'));
  while (waiting.length < 4) await new Promise(setImmediate);
  for (const answer of waiting.splice(0)) answer();
  expect(await Promise.all(asked)).toEqual([200, 500, 200, 200]);
  const again = ask('ann');
  while (waiting.length < 1) await new Promise(setImmediate);
  waiting[0]!();
  expect(await again).toBe(200);
});
