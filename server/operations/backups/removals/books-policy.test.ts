import { expect, it } from 'vitest';
import { outlived, toGather } from './books-policy.ts';

const at = (text: string) => new Date(`${text}Z`);
const small = (month: number, day: number, encrypted = true) => ({
  until: new Date(Date.UTC(2026, month, day, 12)),
  bytes: 300,
  encrypted,
});
const many = (month: number, count: number, encrypted = true) =>
  Array.from({ length: count }, (_, n) => small(month, 1 + (n % 28), encrypted));

it('a book goes when all of it is earlier than what is needed, and no sooner', () => {
  const [before, on, after] = [
    { until: at('2026-11-01T00:59:59') },
    { until: at('2026-11-01T01:00:00') },
    { until: at('2026-11-01T01:00:01') },
  ];
  expect(outlived([before, on, after], at('2026-11-01T01:00:00'))).toEqual([before]);
});

it('many small books of a month become one, and no large one, nor one that is sealed otherwise', () => {
  const [october, november] = [many(9, 51), many(10, 50)];
  const large = { ...small(9, 3), bytes: 65_536 };
  expect(toGather([...october, large, ...november, ...many(9, 60, false)], true)).toEqual([october]);
  expect(toGather(many(9, 51), false)).toEqual([]);
});
