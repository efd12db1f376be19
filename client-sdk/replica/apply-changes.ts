import { quoteIdentifier, replicaTableName } from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapeColumn, ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ChangeMessage, WireRow } from '@halo/shapes/protocol/messages.ts';
import { ReplicaDiverged } from '../streams/shape-sink.ts';
import { compactChanges } from './compact-changes.ts';
import type { ReplicaTransaction } from './replica-database.ts';
import { SNAPSHOT_COLUMN } from './schema.ts';

/** Rows of one statement: enough to make its cost vanish, few enough to bound its parameters' memory. */
const ROWS_PER_STATEMENT = 5_000;

/**
 * Brings changes into a shape's rows of one snapshot, in few statements: values travel as arrays of Postgres's
 * own text and are cast on arrival. Throws `ReplicaDiverged` when an update finds no row.
 */
export async function applyChanges(
  tx: ReplicaTransaction,
  shape: ShapeDefinition,
  snapshot: number,
  changes: readonly ChangeMessage[],
): Promise<void> {
  const net = compactChanges(shape, changes);
  for (const rows of slices(net.deletes)) await deleteRows(tx, shape, snapshot, rows);
  for (const rows of slices(net.upserts)) await upsertRows(tx, shape, snapshot, rows);
  for (const [columns, group] of byColumns(shape, net.updates)) {
    for (const rows of slices(group)) await updateRows(tx, shape, snapshot, columns, rows);
  }
}

async function upsertRows(
  tx: ReplicaTransaction,
  shape: ShapeDefinition,
  snapshot: number,
  rows: readonly WireRow[],
): Promise<void> {
  const names = shape.columns.map(({ name }) => quoteIdentifier(name));
  const others = shape.columns.filter(({ name }) => !shape.key.includes(name)).map(({ name }) => name);
  const set = others.map((name) => `${quoteIdentifier(name)} = EXCLUDED.${quoteIdentifier(name)}`).join(', ');
  const conflict = [...shape.key, SNAPSHOT_COLUMN].map(quoteIdentifier).join(', ');
  await tx.query(
    `INSERT INTO ${replicaTableName(shape)} (${names.join(', ')}, ${SNAPSHOT_COLUMN})
     SELECT ${shape.columns.map(castOf).join(', ')}, ${snapshot} FROM ${unnest(shape.columns)}
     ON CONFLICT (${conflict}) DO ${set === '' ? 'NOTHING' : `UPDATE SET ${set}`}`,
    columnArrays(shape.columns, rows),
  );
}

async function updateRows(
  tx: ReplicaTransaction,
  shape: ShapeDefinition,
  snapshot: number,
  changed: readonly ShapeColumn[],
  rows: readonly WireRow[],
): Promise<void> {
  const columns = [...keyColumns(shape), ...changed];
  const set = changed.map((column) => `${quoteIdentifier(column.name)} = ${castOf(column)}`).join(', ');
  // The key is set to itself where nothing else is given, so that a missing row is still noticed.
  const assignments = set === '' ? `${SNAPSHOT_COLUMN} = ${snapshot}` : set;
  const { rows: updated } = await tx.query<{ found: number }>(
    `WITH done AS (
       UPDATE ${replicaTableName(shape)} t SET ${assignments} FROM ${unnest(columns)}
       WHERE ${sameKey(shape)} AND t.${SNAPSHOT_COLUMN} = ${snapshot} RETURNING 1)
     SELECT count(1)::int4 AS found FROM done`,
    columnArrays(columns, rows),
  );
  const missing = rows.length - (updated[0]?.found ?? 0);
  if (missing > 0)
    throw new ReplicaDiverged(`${missing} updated rows of ${shape.name} are not in the replica`);
}

async function deleteRows(
  tx: ReplicaTransaction,
  shape: ShapeDefinition,
  snapshot: number,
  rows: readonly WireRow[],
): Promise<void> {
  const columns = keyColumns(shape);
  await tx.query(
    `DELETE FROM ${replicaTableName(shape)} t USING ${unnest(columns)}
     WHERE ${sameKey(shape)} AND t.${SNAPSHOT_COLUMN} = ${snapshot}`,
    columnArrays(columns, rows),
  );
}

/** Updates grouped by the columns they give besides the key. */
function byColumns(
  shape: ShapeDefinition,
  updates: readonly WireRow[],
): Map<readonly ShapeColumn[], WireRow[]> {
  const groups = new Map<string, { columns: readonly ShapeColumn[]; rows: WireRow[] }>();
  for (const row of updates) {
    const columns = shape.columns.filter(({ name }) => name in row && !shape.key.includes(name));
    const id = columns.map(({ name }) => name).join();
    const group = groups.get(id) ?? { columns, rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  return new Map([...groups.values()].map(({ columns, rows }) => [columns, rows]));
}

const keyColumns = (shape: ShapeDefinition) => shape.columns.filter(({ name }) => shape.key.includes(name));

const castOf = ({ name, type }: ShapeColumn) => `x.${quoteIdentifier(name)}::${type}`;

const sameKey = (shape: ShapeDefinition) =>
  keyColumns(shape)
    .map((column) => `t.${quoteIdentifier(column.name)} = ${castOf(column)}`)
    .join(' AND ');

function unnest(columns: readonly ShapeColumn[]): string {
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  return `unnest(${arrays}) AS x(${columns.map(({ name }) => quoteIdentifier(name)).join(', ')})`;
}

function columnArrays(columns: readonly ShapeColumn[], rows: readonly WireRow[]): (string | null)[][] {
  return columns.map(({ name }) => rows.map((row) => row[name] ?? null));
}

function* slices<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    yield rows.slice(from, from + ROWS_PER_STATEMENT);
  }
}
