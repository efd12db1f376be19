import { quoteIdentifier } from './replica-schema.ts';
import type { ShapeColumn } from './shape.ts';

/** Ends each value in a row's text; only a text can hold it itself, and that says how long it is. */
export const DIGEST_SEPARATOR = '\u001f';
/** Hexadecimal digits of a digest: 64 bits. */
export const DIGEST_DIGITS = 16;

/**
 * A query for `rows` (how many) and `digest` (hexadecimal) of what `from` selects: FROM with a condition, if any.
 *
 * The digest is the exclusive or of 64 bits of each row's md5, so that it does not depend on the order of the rows, and
 * one row can be taken out of it or put into it without the others. Values count in the text of their types' output
 * functions, which `concat` uses and a cast to text does not (`t`, and not `true`): the wire has that text, too. NULL is
 * no text at all, which an empty text is told from by its length. The session must write times in UTC, dates in ISO
 * and floats at full length.
 */
export function digestSql(columns: readonly ShapeColumn[], from: string): string {
  const hash = `('x' || left(md5(convert_to(${rowTextSql(columns)}, 'UTF8')), ${DIGEST_DIGITS}))::bit(64)::int8`;
  return `SELECT count(1)::int4 AS rows,
    lpad(to_hex(COALESCE(bit_xor(${hash}), 0)), ${DIGEST_DIGITS}, '0') AS digest ${from}`;
}

function rowTextSql(columns: readonly ShapeColumn[]): string {
  const parts = columns.map(({ name, type }) => {
    const value = quoteIdentifier(name);
    return type === 'text' ? `length(${value}::text), ':', ${value}, chr(31)` : `${value}, chr(31)`;
  });
  return `concat(${parts.join(', ')})`;
}
