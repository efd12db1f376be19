import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import {
  SYNCED_SCHEMA,
  quoteIdentifier,
  replicaSchemaVersion,
  replicaTableName,
  replicaTableSql,
} from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ReplicaDatabase, ReplicaTransaction } from './replica-database.ts';

/** Raised when the tables below change: a replica that was built with another one is rebuilt. */
const LOCAL_VERSION = 1;

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
);
CREATE TABLE local.pending_reports (
  id          uuid PRIMARY KEY,
  type        text NOT NULL,
  severity    int2 NOT NULL,
  occurred_at timestamptz NOT NULL,
  description text NOT NULL,
  lat         float8 NOT NULL,
  lon         float8 NOT NULL,
  accuracy_m  float8 NOT NULL,
  created_at  timestamptz NOT NULL,
  settled     bool NOT NULL
);`;

/** Makes the replica's tables and views where they are missing or of another version. True when it did. */
export async function ensureSchema(database: ReplicaDatabase): Promise<boolean> {
  const shapes = [...CATALOG.values()];
  const version = `${LOCAL_VERSION};\n${replicaSchemaVersion(shapes)}`;
  const rebuilt = await database.transaction(async (tx) => {
    if ((await readVersion(tx)) === version) return false;
    await dropSchema(tx);
    await tx.exec(`CREATE SCHEMA ${SYNCED_SCHEMA}; CREATE SCHEMA local; ${LOCAL_TABLES}`);
    for (const shape of shapes) await tx.exec(`${tableSql(shape)} ${viewSql(shape)}`);
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
    CREATE INDEX ON ${table} (${SNAPSHOT_COLUMN});`;
}

function viewSql(shape: ShapeDefinition): string {
  const columns = shape.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const inSight = (alias: string) => `${alias}.${SNAPSHOT_COLUMN} = ANY (ARRAY(
    SELECT c.snapshot FROM local.cursors c WHERE c.shape = '${shape.name}' AND c.snapshot IS NOT NULL))`;
  const rows = `FROM ${replicaTableName(shape)} t WHERE ${inSight('t')}`;
  const view = `CREATE VIEW public.${quoteIdentifier(shape.name)} AS SELECT ${columns}`;
  if (shape.name !== 'my_reports') return `${view} ${rows};`;
  const pending = shape.columns.map(({ name, type }) => `${PENDING[name] ?? `NULL::${type}`}`).join(', ');
  return `${view}, 'synced'::text AS sync_state ${rows}
    UNION ALL SELECT ${pending}, CASE WHEN p.settled THEN 'synced' ELSE 'queued' END
    FROM local.pending_reports p
    WHERE NOT EXISTS (SELECT FROM ${replicaTableName(shape)} r WHERE r.id = p.id AND ${inSight('r')});`;
}

/** How a pending report fills the columns of `my_reports`; what only the server knows is NULL. */
const PENDING: Readonly<Record<string, string>> = {
  id: 'p.id',
  type: 'p.type',
  severity: 'p.severity',
  occurred_at: 'p.occurred_at',
  description: 'p.description',
  lat: 'p.lat',
  lon: 'p.lon',
  accuracy_m: 'p.accuracy_m',
  status: `'active'::text`,
  updated_at: 'p.created_at',
};
