import { expect, it } from 'vitest';
import { canDump } from './tools.ts';

it.each([
  [15, 15, 150_018, true],
  [18, 18, 140_000, true],
  [15, 15, 180_004, false],
  [18, 17, 180_004, false],
  [18, undefined, 180_004, false],
  [undefined, undefined, 140_000, false],
])('pg_dump %s and pg_restore %s, beside a Postgres of %i: %s', (dump, restore, postgres, able) => {
  expect(canDump({ dump, restore }, postgres)).toBe(able);
});
