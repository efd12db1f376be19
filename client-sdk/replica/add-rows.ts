import { replicaTableName } from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
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
  const names = shape.columns.map(({ name }) => name);
  const table = replicaTableName(shape);
  const valuesOf = ({ value }: ChangeMessage) => [
    ...names.map((name) => value[name] ?? null),
    String(snapshot),
  ];
  await tx.exec('SAVEPOINT copied');
  try {
    for (let from = 0; from < changes.length; from += ROWS_PER_COPY)
      await tx.copy(
        table,
        [...names, SNAPSHOT_COLUMN],
        changes.slice(from, from + ROWS_PER_COPY).map(valuesOf),
      );
  } catch {
    // Most of all a row that is there already. Whatever else it was happens again, and is thrown then.
    await tx.exec('ROLLBACK TO SAVEPOINT copied');
    await applyChanges(tx, shape, snapshot, changes);
  }
  await tx.exec('RELEASE SAVEPOINT copied');
}

const isRowOfTable = ({ headers: { operation, lsn } }: ChangeMessage) =>
  operation === 'insert' && lsn === undefined;
