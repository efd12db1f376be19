import { HaloError } from '../../platform/errors.ts';

/**
 * A clause that cannot be evaluated exactly, refused at `position` (1 is its first character). Evaluating it
 * approximately would show someone rows that he may not see, or hide his own. Where Electric refuses the same
 * for the same reason, the message is in its words; `electricWhereText` gives the whole of its text.
 */
export function unsupported(message: string, position: number | null, details: { syntax?: true } = {}) {
  return new HaloError('where_unsupported', message, {
    status: 400,
    field: 'where',
    hint: 'docs/where-clauses.md lists what a condition may consist of.',
    details: position === null ? details : { position, ...details },
  });
}

/** The same error, whose position was counted in bytes, as the parse tree counts: in characters. */
export function countedInCharacters(error: HaloError, clause: string): HaloError {
  const { position, syntax } = error.details;
  if (typeof position !== 'number') return error;
  const before = Buffer.from(clause).subarray(0, position - 1);
  const characters = [...before.toString()].length + 1;
  return unsupported(error.message, characters, syntax === true ? { syntax } : {});
}

/** What Postgres's parser is given before the clause; Electric counts from its beginning for syntax errors. */
export const STATEMENT_PREFIX = 'SELECT 1 WHERE ';

/** The text by which Electric's endpoint reports such an error: it counts from zero. */
export function electricWhereText(error: HaloError): string {
  const { position, syntax } = error.details;
  if (typeof position !== 'number') return error.message;
  const location = position - 1 + (syntax === true ? STATEMENT_PREFIX.length : 0);
  return `At location ${location}: ${error.message}`;
}
