import pg from 'pg';
import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { MAX_COUNTED_ROWS } from '@halo/shapes/protocol/inspector-devices.ts';
import type { DeviceRows } from '@halo/shapes/protocol/inspector-devices.ts';
import type { Pool, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import { redactColumn } from './redact.ts';

/** The class of SQLSTATEs that say that a text is no value of its type, or no text at all. */
const DATA_EXCEPTION = '22';
/** Longest that reading a page may take, in milliseconds. */
const READ_WITHIN_MS = 10_000;
/** Shapes whose positions are none of one person's: of incidents they are those of a cell already. */
const PUBLIC_POSITIONS = new Set(['incidents', 'predictions', 'predictions_by_type', 'areas']);

/** A shape as one person may have it: what the shape API would make of his request. */
export interface PermittedShape {
  readonly definition: ShapeDefinition;
  /** Values of $1, $2, … in the shape's condition. */
  readonly params: readonly string[];
}

/**
 * A page of the rows that a device should have, by their key, in a transaction that cannot write.
 *
 * @throws HaloError 400 `invalid_cursor` where `after` holds no values of the key's types
 */
export async function readRows(
  pool: Pool,
  { definition, params }: PermittedShape,
  shape: string,
  page: { readonly after: readonly string[] | undefined; readonly limit: number; readonly role: Role },
): Promise<DeviceRows> {
  const { columns, key } = definition;
  const table = `public.${quoteIdentifier(definition.table)}`;
  const condition = definition.where === null ? 'true' : `(${definition.where})`;
  const types = key.map((name) => columns.find((each) => each.name === name)!.type);
  const typed = key.map((name, i) => `${quoteIdentifier(name)}::${types[i]}`);
  const values: unknown[] = [...params];
  let from = 'true';
  if (page.after !== undefined) {
    const places = types.map((type, i) => `$${values.length + i + 1}::${type}`);
    values.push(...page.after);
    from = `(${typed.join(', ')}) > (${places.join(', ')})`;
  }
  const selected = columns.map(({ name }) => `${quoteIdentifier(name)}::text`).join(', ');
  return inTransaction(
    pool,
    async (tx) => {
      await tx.query(`SET TRANSACTION READ ONLY`);
      await tx.query(`SET LOCAL statement_timeout = ${READ_WITHIN_MS}`);
      if (page.after !== undefined) await checkPlace(tx, page.after, types);
      const counted = await tx.query<{ total: number }>(
        `SELECT count(*)::int AS total FROM (SELECT 1 FROM ${table} WHERE ${condition} LIMIT ${MAX_COUNTED_ROWS + 1}) r`,
        [...params],
      );
      const { rows } = await tx.query<(string | null)[]>({
        text: `SELECT ${selected} FROM ${table} WHERE ${condition} AND ${from} ORDER BY ${typed.join(', ')} LIMIT ${page.limit + 1}`,
        values,
        rowMode: 'array',
      });
      const { total } = counted.rows[0]!;
      return pageOf(definition, shape, rows, total, page);
    },
    'repeatable read',
  );
}

/** Has Postgres read a place as values of the key, alone: what else fails is no fault of the cursor. */
async function checkPlace(
  tx: Transaction,
  place: readonly string[],
  types: readonly string[],
): Promise<void> {
  try {
    await tx.query(`SELECT ${types.map((type, i) => `$${i + 1}::${type}`).join(', ')}`, [...place]);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code?.startsWith(DATA_EXCEPTION) === true)
      throw invalidCursor();
    throw error;
  }
}

function pageOf(
  { name, columns, key }: ShapeDefinition,
  shape: string,
  rows: readonly (readonly (string | null)[])[],
  total: number,
  { limit, role }: { readonly limit: number; readonly role: Role },
): DeviceRows {
  let redacted = false;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const place = key.map((each) => last?.[columns.findIndex((column) => column.name === each)] ?? '');
  return {
    shape,
    total: total > MAX_COUNTED_ROWS ? null : total,
    columns: columns.map((column) => ({ name: column.name, type: column.type })),
    rows: shown.map((row) =>
      row.map((text, i) => {
        if (PUBLIC_POSITIONS.has(name)) return text;
        const value = redactColumn(columns[i]!.name, columns[i]!.type, text, role);
        redacted ||= value.redacted;
        return value.value;
      }),
    ),
    redacted,
    nextCursor: rows.length > limit && last !== undefined ? encodePlace(place, shape) : null,
  };
}

/** Writes down where a list of rows goes on. */
function encodePlace(place: readonly string[], shape: string): string {
  return Buffer.from(JSON.stringify([shape, ...place])).toString('base64url');
}

/** Reads it again. Fails with 400 `invalid_cursor` where it is none of this list. */
export function decodePlace(cursor: string, shape: string, keys: number): readonly string[] {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    place = undefined;
  }
  const isPlace =
    Array.isArray(place) &&
    place.length === keys + 1 &&
    place[0] === shape &&
    place.every((each) => typeof each === 'string');
  if (isPlace) return (place as string[]).slice(1);
  throw invalidCursor();
}

function invalidCursor(): HaloError {
  return new HaloError('invalid_cursor', 'This is no cursor of this list.', {
    status: 400,
    field: 'cursor',
    hint: 'Send nextCursor as it was given, with the same shape; or begin anew without one.',
  });
}
