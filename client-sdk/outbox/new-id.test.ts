import { mutationBatchSchema } from '@halo/shapes/protocol/mutation-request.ts';
import { describe, expect, it } from 'vitest';
import { createIdMaker, ids } from './new-id.ts';

const NOW = Date.UTC(2026, 0, 1);
const timeOf = (id: string) => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

describe('ids of mutations', () => {
  it('are such as the server takes, and tell the time', () => {
    const id = ids.next(NOW);
    const mutation = { seq: 1, id, type: 'watch.remove', createdAt: new Date(NOW).toISOString(), args: {} };
    const batch = { deviceId: crypto.randomUUID(), mutations: [mutation] };
    expect(mutationBatchSchema.parse(batch).mutations[0]!.id).toBe(id);
    expect(timeOf(id)).toBe(NOW);
  });

  it('rise within a millisecond, past what it counts, and while the clock is a little back', () => {
    const maker = createIdMaker(() => crypto.randomUUID());
    const made = Array.from({ length: 10_000 }, (_, n) => maker.next(n < 9_000 ? NOW : NOW - 5_000));
    expect(made).toEqual([...new Set(made)].toSorted());
  });

  it('follow a clock that is set right, and are whole before 1970', () => {
    const maker = createIdMaker(() => crypto.randomUUID());
    maker.next(Date.UTC(2100, 0, 1));
    expect(timeOf(maker.next(NOW))).toBe(NOW);
    expect(createIdMaker(() => crypto.randomUUID()).next(-5)).toMatch(/^00000000-0000-700[01]-[89ab]/);
  });

  it('differ by what is random, though made in the same millisecond on two devices', () => {
    const [one, other] = [1, 2].map(() => createIdMaker(() => crypto.randomUUID()).next(NOW));
    expect(one!.slice(0, 18)).toBe(other!.slice(0, 18));
    expect(one).not.toBe(other);
  });
});
