import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import {
  SYNCED_SCHEMA,
  quoteIdentifier,
  replicaIndexSql,
  replicaSchemaVersion,
  replicaTableName,
  replicaTableSql,
} from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { OPTIMISTIC_VIEWS } from './pending/optimistic-views.ts';
import { PENDING_TABLE, patchTableSql, patchedRowsSql } from './pending/pending-tables.ts';
import type { ReplicaDatabase, ReplicaTransaction } from './replica-database.ts';

/** Raised when the tables below change: a replica that was built with another one is rebuilt. */
const LOCAL_VERSION = 3;

/**
 * Hidden column of every synced table: which snapshot a row belongs to. A row is in sight when a cursor names
 * its snapshot, so that a new snapshot is filled beside the old one and takes its place by one UPDATE. It also
 * keeps two subscriptions of one shape (two regions) apart.
 */
export const SNAPSHOT_COLUMN = '_snapshot';

const LOCAL_TABLES = `
CREATE TABLE local.meta (key text PRIMARY KEY, value text NOT NULL);
CREATE SEQUENCE local.snapshots AS int4;
CREATE TABLE local.cursors (
  subscription text PRIMARY KEY,
  shape        text NOT NULL,
  params       text NOT NULL,
  snapshot     int4,
  handle       text,
  "offset"     text,
  lsn          text,
  new_snapshot int4,
  new_handle   text,
  new_offset   text
);`;

/** Makes the replica's tables and views where they are missing or of another version. True when it did. */
export async function ensureSchema(database: ReplicaDatabase): Promise<boolean> {
  const shapes = [...CATALOG.values()];
  const version = `${LOCAL_VERSION};\n${replicaSchemaVersion(shapes)}`;
  const rebuilt = await database.transaction(async (tx) => {
    if ((await readVersion(tx)) === version) return false;
    await dropSchema(tx);
    await tx.exec(`CREATE SCHEMA ${SYNCED_SCHEMA}; CREATE SCHEMA local; ${LOCAL_TABLES} ${PENDING_TABLE}`);
    for (const shape of shapes) await tx.exec(tableSql(shape));
    for (const shape of shapes) await tx.exec(viewSql(shape));
    await tx.query('INSERT INTO local.meta (key, value) VALUES ($1, $2)', ['schema', version]);
    return true;
  });
  return rebuilt === true;
}

/** Removes the tables and views with all that is in them. */
export async function dropSchema(database: Pick<ReplicaTransaction, 'exec'>): Promise<void> {
  await database.exec(`DROP SCHEMA IF EXISTS ${SYNCED_SCHEMA} CASCADE; DROP SCHEMA IF EXISTS local CASCADE;`);
}

async function readVersion(tx: ReplicaTransaction): Promise<string | undefined> {
  const { rows } = await tx.query<{ found: boolean }>(
    `SELECT to_regclass('local.meta') IS NOT NULL AS found`,
  );
  if (rows[0]?.found !== true) return undefined;
  const meta = await tx.query<{ value: string }>(`SELECT value FROM local.meta WHERE key = 'schema'`);
  return meta.rows[0]?.value;
}

function tableSql(shape: ShapeDefinition): string {
  const table = replicaTableName(shape);
  const key = [...shape.key, SNAPSHOT_COLUMN].map(quoteIdentifier).join(', ');
  return `${replicaTableSql(shape)};
    ALTER TABLE ${table} DROP CONSTRAINT ${quoteIdentifier(`${shape.name}_pkey`)};
    ALTER TABLE ${table} ADD COLUMN ${SNAPSHOT_COLUMN} int4 NOT NULL;
    ALTER TABLE ${table} ADD PRIMARY KEY (${key});
    CREATE INDEX ON ${table} (${SNAPSHOT_COLUMN}); ${replicaIndexSql(shape)};`;
}

function viewSql(shape: ShapeDefinition): string {
  const columns = shape.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const inSight = (alias: string) => `${alias}.${SNAPSHOT_COLUMN} = ANY (ARRAY(
    SELECT c.snapshot FROM local.cursors c WHERE c.shape = '${shape.name}' AND c.snapshot IS NOT NULL))`;
  const name = quoteIdentifier(shape.name);
  const optimistic = OPTIMISTIC_VIEWS.get(shape.name);
  return optimistic === undefined
    ? `CREATE VIEW public.${name} AS SELECT ${columns} FROM ${replicaTableName(shape)} t WHERE ${inSight('t')};`
    : `${patchTableSql(optimistic, shape)}
       CREATE VIEW public.${name} AS ${patchedRowsSql(optimistic, shape, inSight)};`;
}
