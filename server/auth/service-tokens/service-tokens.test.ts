import { expect, it } from 'vitest';
import type { Queryable } from '../../db/pool.ts';
import { SECRET_PREFIX } from '../secret-token.ts';
import { createServiceTokens } from './service-tokens.ts';

it('forgets the tokens first that were unused for longest, and not one that is in use', async () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const found = { id: 'id', userId: 'u', sessionId: 's', scopes: [], lastUsedAt: now };
  const rows = [{ ...found, expiresAt: new Date('2027-01-01T00:00:00Z') }];
  const db = { query: () => Promise.resolve({ rows, rowCount: 1 }) } as unknown as Queryable;
  const tokens = createServiceTokens(db, { now: () => now });
  const token = (n: number) => `${SECRET_PREFIX.serviceToken}${n}`;
  for (let n = 0; n < 1_000; n += 1) await tokens.verify(token(n));
  await tokens.verify(token(0));
  await tokens.verify(token(1_000));
  const isKnown = (n: number) => tokens.isUnknown?.(token(n)) === false;
  expect([0, 1, 2, 1_000].map(isKnown)).toEqual([true, false, true, true]);
});
