import { parseArgs } from 'node:util';
import { HaloError, sentenceOf } from '../platform/errors.ts';

export const USAGE = `Usage: npm run operator -- --reset EMAIL

For an operator who has lost his password and has no other operator to ask. Prints a secret with which he sets a new one; it is good
once, for a day, and ends all his sessions when it is used. The old password is good until then. The audit log tells of it.

A database is found as by npm start: DATABASE_URL, or the one in HALO_DATA_DIR, whether or not a server runs there.
`;

/** Reads whose password is to be reset; undefined where help is asked for. Fails with `operator_usage`. */
export function readArguments(args: readonly string[]): { readonly reset: string } | undefined {
  const options = { reset: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { reset, help } = parsed(() => parseArgs({ args: [...args], options }).values);
  if (help === true) return undefined;
  if (reset === undefined || reset.trim() === '') throw wrong('Say whose password: --reset EMAIL.');
  return { reset };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw wrong(sentenceOf(error));
  }
}

function wrong(message: string): HaloError {
  return new HaloError('operator_usage', message, { hint: 'npm run operator -- --help says more.' });
}
