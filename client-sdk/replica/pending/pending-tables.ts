import { quoteIdentifier, replicaTableName } from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { OptimisticView } from './optimistic-view.ts';

/**
 * The mutations whose effect the stream has not brought yet. `told` is the LSN up to which the stream of results had
 * come when it told of the mutation: its effect is in every shape that has come as far.
 */
export const PENDING_TABLE = `
CREATE TABLE local.pending (
  id         uuid PRIMARY KEY,
  seq        int8 NOT NULL,
  type       text NOT NULL,
  args       jsonb NOT NULL,
  created_at text NOT NULL,
  shape      text NOT NULL,
  subject    uuid NOT NULL,
  settled    bool NOT NULL DEFAULT false,
  told       numeric
);
CREATE INDEX ON local.pending (shape, subject);`;

/** Table of what the pending mutations about each row of a view come to: one patch a row. */
export function patchTableName({ shape }: Pick<OptimisticView, 'shape'>): string {
  return `local.${quoteIdentifier(`patches_${shape}`)}`;
}

/** The DDL of that table. */
export function patchTableSql(view: OptimisticView, shape: ShapeDefinition): string {
  const columns = shape.columns.filter(({ name }) => view.columns.includes(name));
  const notes = Object.entries(view.notes ?? {}).map(([name, type]) => ({ name, type }));
  const own = [...columns, ...notes].map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  return `CREATE TABLE ${patchTableName(view)} (
    id uuid PRIMARY KEY, kind text NOT NULL, queued bool NOT NULL, ${own.join(', ')});`;
}

/**
 * The query behind a view: its synced rows without a patch, those that a patch is laid over, and the rows that only
 * patches make. Patches are few, and rows without one stay plain columns of their table: a condition on them finds its
 * rows by an index.
 *
 * @param inSight the condition that the synced row of this alias is of a snapshot that is shown.
 */
export function patchedRowsSql(
  view: OptimisticView,
  shape: ShapeDefinition,
  inSight: (alias: string) => string,
): string {
  const table = replicaTableName(shape);
  const patches = patchTableName(view);
  const plain = shape.columns.map(({ name }) => `t.${quoteIdentifier(name)}`);
  const patched = shape.columns.map(({ name }) => {
    const column = quoteIdentifier(name);
    return view.columns.includes(name) ? `COALESCE(p.${column}, t.${column})` : `t.${column}`;
  });
  const made = shape.columns.map(({ name, type }) => {
    const own = name === 'id' || view.columns.includes(name) ? `p.${quoteIdentifier(name)}` : `NULL::${type}`;
    return view.known?.[name] ?? own;
  });
  const state = `CASE WHEN p.queued THEN 'queued' ELSE 'synced' END`;
  return `SELECT ${plain.join(', ')}, 'synced'::text AS sync_state
    FROM ${table} t
    WHERE ${inSight('t')} AND NOT EXISTS (SELECT FROM ${patches} p WHERE p.id = t.id)
    UNION ALL SELECT ${patched.join(', ')}, ${state}
    FROM ${patches} p JOIN ${table} t ON t.id = p.id
    WHERE ${inSight('t')} AND p.kind <> 'hide'
    UNION ALL SELECT ${made.join(', ')}, ${state}
    FROM ${patches} p
    WHERE p.kind = 'make' AND NOT EXISTS (SELECT FROM ${table} r WHERE r.id = p.id AND ${inSight('r')})`;
}
