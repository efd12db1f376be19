import { describe, expect, it } from 'vitest';
import { violations } from './history.ts';
import type { HistoryEvent, Read } from './history.ts';

const WHOLE = ['report', 'mutation'];
const kept = (id: string, at: number, device = 'a'): HistoryEvent => ({ kind: 'kept', device, id, at });
const read = (began: number, rest: Partial<Read> = {}): Read => ({
  kind: 'read',
  device: 'a',
  began,
  ended: began + 1,
  own: [],
  versions: {},
  parts: {},
  ...rest,
});

describe('a history of a replica', () => {
  it.each<[string, HistoryEvent[]]>([
    ['nothing', []],
    [
      'a write that is seen as it is kept, or before',
      [read(1, { own: ['x'] }), kept('x', 2), read(3, { own: ['x'] })],
    ],
    ['a read that began before the write was kept', [read(1), kept('x', 1.5)]],
    ['a write of another device', [kept('x', 1, 'b'), read(2)]],
    [
      'rows that come and grow newer',
      [read(1, { versions: { r: 1 } }), read(3, { versions: { r: 2, s: 1 } })],
    ],
    [
      'devices that see different versions',
      [read(1, { versions: { r: 2 } }), read(2, { device: 'b', versions: { r: 1 } })],
    ],
    ['whole transactions', [read(1, { parts: { t: ['mutation', 'report'] } })]],
  ])('is accepted with %s', (_what, history) => {
    expect(violations(history, WHOLE)).toEqual([]);
  });

  it.each<[string, HistoryEvent[], RegExp]>([
    ['misses an own write', [kept('x', 1), read(2)], /misses x/],
    ['loses an own write again', [kept('x', 1), read(2, { own: ['x'] }), read(4)], /misses x/],
    ['goes back', [read(1, { versions: { r: 2 } }), read(3, { versions: { r: 1 } })], /r at 1, after 2/],
    ['loses a row', [read(1, { versions: { r: 2 } }), read(3)], /r at undefined, after 2/],
    ['goes back, told in another order', [read(3), read(1, { versions: { r: 2 } })], /r at undefined/],
    ['overlaps itself', [read(1, { ended: 5 }), read(3)], /overlaps/],
    ['has half a transaction', [read(1, { parts: { t: ['report'] } })], /only report of t/],
    ['has the other half', [read(1, { parts: { t: ['mutation'] } })], /only mutation of t/],
  ])('is refused when it %s', (_what, history, words) => {
    expect(violations(history, WHOLE)).toEqual([expect.stringMatching(words)]);
  });
});
