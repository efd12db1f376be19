import { expect, it } from 'vitest';
import { Latency, LATENCY_BOUNDS_S } from './latency.ts';

it('counts each duration in all buckets that it fits, and those that fit none only in the whole', () => {
  const latency = new Latency();
  for (const ms of [0.5, 0.6, 100, 29_999, 31_000]) latency.observe(ms);
  const { atMost, count, sumS } = latency.read();
  const upTo = (boundS: (typeof LATENCY_BOUNDS_S)[number]) => atMost[LATENCY_BOUNDS_S.indexOf(boundS)];
  expect([upTo(0.0005), upTo(0.001), upTo(0.05), upTo(0.1), upTo(10), upTo(30)]).toEqual([1, 2, 2, 3, 3, 4]);
  expect(count).toBe(5);
  expect(sumS).toBeCloseTo(61.1001);
});
