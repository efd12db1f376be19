import { expect, it } from 'vitest';
import { canDump } from './tools.ts';

it.each([
  [15, 15, 150_018, true],
  [16, 16, 140_000, true],
  [18, 18, 180_004, true],
  [18, 18, 170_006, true],
  [15, 15, 180_004, false],
  [18, 17, 180_004, false],
  [18, undefined, 180_004, false],
  [undefined, undefined, 140_000, false],
  // What pg_restore of 17 and newer sends is refused by servers before 17: the backup could not be put back.
  [17, 17, 160_004, false],
  [18, 18, 140_000, false],
  [16, 17, 160_004, false],
  // What these will send, nobody knows.
  [19, 19, 180_004, false],
  [19, 19, 190_000, true],
])('pg_dump %s and pg_restore %s, beside a Postgres of %i: %s', (dump, restore, postgres, able) => {
  expect(canDump({ dump, restore }, postgres)).toBe(able);
});
