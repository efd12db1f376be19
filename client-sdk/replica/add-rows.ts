import { quoteIdentifier, replicaTableName } from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ChangeMessage, WireRow } from '@halo/shapes/protocol/messages.ts';
import { applyChanges } from './apply-changes.ts';
import type { ReplicaTransaction } from './replica-database.ts';
import { SNAPSHOT_COLUMN } from './schema.ts';

/** Rows of one COPY: enough to make its cost vanish, few enough to bound its text in memory. */
const ROWS_PER_COPY = 5_000;

/**
 * Brings a part of a snapshot into the rows of one that is being built. Rows as the server's table has them are copied
 * in where the database can, which is faster than inserting them by half; that takes each row to be there once. What
 * the log has changed since, and parts that are not so, go the way of all changes.
 */
export async function addRows(
  tx: ReplicaTransaction,
  shape: ShapeDefinition,
  snapshot: number,
  changes: readonly ChangeMessage[],
): Promise<void> {
  if (tx.copy === undefined || !changes.every(isRowOfTable))
    return applyChanges(tx, shape, snapshot, changes);
  await tx.exec('SAVEPOINT copied');
  try {
    for (let from = 0; from < changes.length; from += ROWS_PER_COPY)
      await copyRows(tx, shape, snapshot, changes.slice(from, from + ROWS_PER_COPY));
  } catch {
    // Most of all a row that is there already. Whatever else it was happens again, and is thrown then.
    await tx.exec('ROLLBACK TO SAVEPOINT copied');
    await applyChanges(tx, shape, snapshot, changes);
  }
  await tx.exec('RELEASE SAVEPOINT copied');
}

const isRowOfTable = ({ headers: { operation, lsn } }: ChangeMessage) =>
  operation === 'insert' && lsn === undefined;

async function copyRows(
  tx: ReplicaTransaction,
  shape: ShapeDefinition,
  snapshot: number,
  rows: readonly ChangeMessage[],
): Promise<void> {
  const names = shape.columns.map(({ name }) => name);
  const columns = [...names, SNAPSHOT_COLUMN].map(quoteIdentifier).join(', ');
  const lines = rows.map(({ value }) => lineOf(names, value, snapshot));
  await tx.copy?.(`${replicaTableName(shape)} (${columns})`, lines.join(''));
}

/** A line of COPY's text format (Postgres's manual, "File Formats" of COPY). Joined, since adding up is three times slower. */
function lineOf(names: readonly string[], row: WireRow, snapshot: number): string {
  return `${names.map((name) => textOf(row[name] ?? null)).join('\t')}\t${snapshot}\n`;
}

const SPECIAL = /[\\\t\n\r]/;
const EACH_SPECIAL = new RegExp(SPECIAL, 'g');
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function textOf(value: string | null): string {
  if (value === null) return '\\N';
  return SPECIAL.test(value)
    ? value.replaceAll(EACH_SPECIAL, (character) => ESCAPES[character] ?? character)
    : value;
}
