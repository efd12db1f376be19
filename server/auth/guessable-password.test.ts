import { expect, it } from 'vitest';
import { registerSchema } from '@halo/shapes/protocol/accounts.ts';
import { HOUSE_WORDS, POPULAR, refuseGuessable } from './guessable-password.ts';

const refused = { code: 'password_guessable', status: 400, field: 'password' };

it.each(['1234567890', 'QWERTYUIOP', 'Password123', 'iloveyou12'])('refuses the popular %s', (password) => {
  expect(() => refuseGuessable(password)).toThrow(expect.objectContaining(refused) as Error);
});

it('knows of more popular passwords that are long enough than ASVS asks for', () => {
  const allowed = [...POPULAR].filter(
    (password) => registerSchema.shape.password.safeParse(password).success,
  );
  expect(allowed.length).toBeGreaterThan(3_000);
  expect(allowed.every((password) => password === password.toLowerCase())).toBe(true);
});

it.each([
  'halo-operator',
  'Halo2026Halo!',
  'ADMIN_reporter_1',
  'lösenord2026',
  ...HOUSE_WORDS.map((word) => `${word}#2026-11`),
])('refuses %s, which is made of words of this house', (password) => {
  expect(() => refuseGuessable(password)).toThrow(expect.objectContaining(refused) as Error);
});

it.each(['1111111111', 'abcabcabcabc', '😀😀😀😀😀😀'])(
  'refuses the same again and again: %s',
  (password) => {
    expect(() => refuseGuessable(password)).toThrow(expect.objectContaining(refused) as Error);
  },
);

it.each([
  'an operator of the tests',
  'the password of ada',
  '7391-2846-5518',
  'korrekt häst batteri',
  'a'.repeat(9) + 'b',
  '!"#¤%&/()=',
])('takes %s, whatever it consists of', (password) => {
  expect(() => refuseGuessable(password)).not.toThrow();
});
