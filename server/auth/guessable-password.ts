import { createRequire } from 'node:module';
import { HaloError } from '../platform/errors.ts';

/**
 * Words of this house, which whoever guesses tries first. A password that is made of them alone, with whatever digits and
 * signs between them, is refused.
 */
export const HOUSE_WORDS: readonly string[] = [
  'halo',
  'admin',
  'administrator',
  'operator',
  'officer',
  'reporter',
  'incident',
  'report',
  'polisen',
  'polis',
  'police',
  'password',
  'lösenord',
];

/** Passwords that many people have, in lower case; 13,614 of them have the ten characters that a password needs. */
export const POPULAR: ReadonlySet<string> = new Set(
  createRequire(import.meta.url)('popular-passwords') as readonly string[],
);
const OF_HOUSE_WORDS = new RegExp(`^(?:${HOUSE_WORDS.join('|')})+$`);
/** One to four characters, again and again. */
const REPEATED = /^(.{1,4}?)\1{2,}$/u;

/**
 * Refuses a password that is among the first that anybody guesses, however it is cased: one of a list of popular ones
 * (ASVS 5.0, 6.2.4), words of this house (6.2.11), or few characters repeated. There are no other rules of what a password
 * consists of.
 *
 * @param field what the password is called where it was given
 * @throws HaloError 400 `password_guessable`, naming the field
 */
export function refuseGuessable(password: string, field = 'password'): void {
  const plain = password.normalize('NFC').toLowerCase();
  const letters = plain.replaceAll(/\P{L}/gu, '');
  if (!POPULAR.has(plain) && !OF_HOUSE_WORDS.test(letters) && !REPEATED.test(plain)) return;
  throw new HaloError(
    'password_guessable',
    `What is given as ${field} is among the first that are guessed.`,
    {
      status: 400,
      field,
      hint: 'Take several words that have nothing to do with each other.',
    },
  );
}
