import { describe, expect, it } from 'vitest';
import { FULL_BATCH, byteLength, takeBatch } from './batch.ts';
import type { StoredMutation } from './outbox-store.ts';

const DEVICE = { deviceId: '00000000-0000-4000-8000-000000000001', seqBase: 0 };
const pending = (count: number, text = ''): StoredMutation[] =>
  Array.from({ length: count }, (_, index) => ({
    seq: index + 5,
    id: `m${index}`,
    type: 'report.create',
    createdAt: '2026-01-01T00:00:00.000Z',
    args: { text },
  }));

describe('a batch', () => {
  it('holds the oldest, in order, up to the count', () => {
    const { mutations } = takeBatch(pending(150), DEVICE, FULL_BATCH);
    expect(mutations.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 5));
  });

  it('stays within the bytes, counted as UTF-8, and never is empty', () => {
    const all = pending(40, 'å'.repeat(20_000));
    const batch = takeBatch(all, DEVICE, FULL_BATCH);
    expect(byteLength(batch)).toBeLessThanOrEqual(FULL_BATCH.bytes);
    expect(batch.mutations.length).toBeGreaterThan(20);
    expect(takeBatch(all, DEVICE, { mutations: 10, bytes: 1 }).mutations).toHaveLength(1);
  });

  it('counts from where the server stands', () => {
    const { mutations } = takeBatch(pending(2), { ...DEVICE, seqBase: 4 }, FULL_BATCH);
    expect(mutations.map(({ seq }) => seq)).toEqual([1, 2]);
  });
});
