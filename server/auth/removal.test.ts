import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lastTold, removalSchema } from './removal.ts';
import type { Removal } from './removal.ts';

const [ONE, TWO] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
const at = (second: number) => new Date(Date.UTC(2026, 10, 27, 1, 15, second));
const removal = (userId: string, second: number, what: 'forgotten' | 'disabled' | 'enabled'): Removal => ({
  id: crypto.randomUUID(),
  userId,
  at: at(second),
  kind: what,
});
const role = (userId: string, second: number, is: 'reporter' | 'officer' | 'operator'): Removal => ({
  id: crypto.randomUUID(),
  userId,
  at: at(second),
  kind: 'role',
  role: is,
});

const TOLD = [
  role(ONE, 1, 'officer'),
  removal(ONE, 2, 'disabled'),
  removal(ONE, 3, 'enabled'),
  role(ONE, 4, 'operator'),
  removal(TWO, 2, 'enabled'),
  removal(TWO, 5, 'disabled'),
  removal(TWO, 6, 'forgotten'),
];
const COMES_TO = [
  {
    userId: ONE,
    forgotten: false,
    endsSessions: true,
    wasNoOperator: true,
    state: { disabled: false, at: at(3) },
    role: { is: 'operator', at: at(4) },
  },
  {
    userId: TWO,
    forgotten: true,
    endsSessions: true,
    wasNoOperator: false,
    state: { disabled: true, at: at(5) },
    role: undefined,
  },
];

it('the last word on each account holds, in whatever order they are heard, and some of them twice', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(TOLD, { minLength: TOLD.length }),
      fc.subarray(TOLD),
      (heard, again) =>
        void expect(
          lastTold([...heard, ...again]).toSorted((a, b) => (a.userId < b.userId ? -1 : 1)),
        ).toEqual(COMES_TO),
    ),
  );
});

it('a role is told of a role alone, and nothing else is told', () => {
  const [first] = TOLD;
  const written = (value: unknown) => removalSchema.safeParse(JSON.parse(JSON.stringify(value)));
  expect(written(first).data).toEqual(first);
  for (const wrong of [
    { ...first, kind: 'disabled' },
    { ...first, role: 'king' },
    { ...first, role: undefined },
    { ...first, kind: 'promoted', role: undefined },
    { ...first, name: 'Somebody' },
  ])
    expect(written(wrong).success).toBe(false);
});
