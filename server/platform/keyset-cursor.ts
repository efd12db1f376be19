import { createHash } from 'node:crypto';
import { HaloError } from './errors.ts';

/** Where a list stands that goes by a time and an id. */
export interface KeysetPosition {
  /** Microseconds since 1970, a whole number: as fine as Postgres keeps times. */
  readonly micros: number;
  /** A UUID. */
  readonly id: string;
}

const DIGEST_CHARACTERS = 22;
const POSITION = /^(-?\d{1,16})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Writes a position down as a cursor of the list that `scope` describes: its name and all that filters it. The cursor tells nothing
 * that the page before did not.
 */
export function encodeCursor({ micros, id }: KeysetPosition, scope: unknown): string {
  const position = `${micros}.${id}`;
  return Buffer.from(position).toString('base64url') + digestOf(position, scope);
}

/**
 * Reads a cursor again.
 *
 * @throws HaloError 400 `invalid_cursor` when it is none, was changed on the way, or is another list's
 */
export function decodeCursor(cursor: string, scope: unknown): KeysetPosition {
  const text = Buffer.from(cursor.slice(0, -DIGEST_CHARACTERS), 'base64url').toString('latin1');
  const [, micros, id] = POSITION.exec(text) ?? [];
  if (micros === undefined || id === undefined) throw invalid();
  const position = { micros: Number(micros), id };
  // Written again, so that a cursor has one spelling.
  if (!Number.isSafeInteger(position.micros) || encodeCursor(position, scope) !== cursor) throw invalid();
  return position;
}

function digestOf(position: string, scope: unknown): string {
  const text = JSON.stringify([position, scope]);
  return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARACTERS);
}

function invalid(): HaloError {
  return new HaloError('invalid_cursor', 'This is no cursor of this list.', {
    status: 400,
    field: 'cursor',
    hint: 'Send nextCursor as it was given, with the same other parameters; or begin anew without one.',
  });
}
