import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ARCHIVE_FORMAT } from './backup.ts';
import type { BackupContents, Header, Part } from './backup.ts';

/** What the archive says of itself besides what the snapshot tells. */
export type Origin = Pick<Header, 'id' | 'version' | 'runId'>;

const LINE_FEED = 0x0a;

/** Begins the transaction that sees one moment of the whole database. */
export async function beginSnapshot(client: pg.Client): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  // The first statement takes the snapshot.
  await client.query('SELECT 1');
}

/**
 * Describes what the snapshot sees. `ours` are the tables that are Halo's: what else lies in the database is named as left out.
 */
export async function describe(
  client: pg.Client,
  method: Header['method'],
  ours: readonly string[],
  origin: Origin,
): Promise<Header> {
  const { rows: facts } = await client.query<{ at: Date; postgres: number; lsn: string; epoch: string }>(
    `SELECT now() AS at, current_setting('server_version_num')::int AS postgres,
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS lsn,
       (SELECT epoch::text FROM replication_epoch) AS epoch`,
  );
  const { at, postgres, lsn, epoch } = facts[0]!;
  const { rows: migrations } = await client.query<{ name: string }>(
    'SELECT name FROM public.migrations ORDER BY name',
  );
  const { rows: tables } = await client.query<{ name: string; columns: string[] }>(TABLES);
  const known = new Set(ours);
  return {
    format: ARCHIVE_FORMAT,
    ...origin,
    method,
    takenAt: at,
    postgres,
    lsn,
    epoch,
    house: await houseOf(client),
    migrations: migrations.map(({ name }) => name),
    tables: tables.filter(({ name }) => known.has(name)),
    sequences: await sequencesOf(client, ours),
    leftOut: method === 'copy' ? await othersThan(client, ours) : [],
  };
}

/** Which house a database is of; null where it is from before houses had names. */
export async function houseOf(client: Pick<pg.ClientBase, 'query'>): Promise<string | null> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('public.house') IS NOT NULL AS there`,
  );
  if (rows[0]?.there !== true) return null;
  const { rows: houses } = await client.query<{ id: string }>('SELECT id FROM house');
  return houses[0]?.id ?? null;
}

/** The rows of all tables in the header, as COPY's text: it is the same whatever version of Postgres reads it. */
export function copyContents(client: pg.Client, header: Header): BackupContents {
  const rows: Record<string, number> = {};
  return { header, parts: copied(client, header, rows), rows: () => rows };
}

async function* copied(
  client: pg.Client,
  { tables }: Header,
  rows: Record<string, number>,
): AsyncGenerator<Part> {
  for (const { name, columns } of tables) {
    const list = columns.map((column) => client.escapeIdentifier(column)).join(', ');
    const stream = client.query(
      copyTo(`COPY public.${client.escapeIdentifier(name)} (${list}) TO STDOUT`),
    ) as AsyncIterable<Buffer>;
    rows[name] = 0;
    yield { name: `tables/${name}`, bytes: counted(stream, (count) => (rows[name]! += count)) };
  }
}

/** In COPY's text a line feed ends a row and is nothing else. */
async function* counted(bytes: AsyncIterable<Buffer>, add: (rows: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    let count = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) count += 1;
    add(count);
    yield chunk;
  }
}

/** How many rows each table has, as the transaction sees them. */
export async function countRows(
  client: Pick<pg.ClientBase, 'query' | 'escapeIdentifier'>,
  tables: readonly string[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of tables) {
    const { rows } = await client.query<{ n: string }>(
      `SELECT count(*)::text AS n FROM public.${client.escapeIdentifier(name)}`,
    );
    counts[name] = Number(rows[0]?.n);
  }
  return counts;
}

// Columns that Postgres computes are computed again; those of identities are given.
const TABLES = `
  SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'p'
     AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
   GROUP BY c.relname ORDER BY c.relname`;

/** Sequences that stand behind columns, and how far each has been given out. */
async function sequencesOf(client: pg.Client, ours: readonly string[]): Promise<Header['sequences']> {
  const { rows } = await client.query<{ name: string; last: string }>(
    `SELECT s.sequencename::text AS name, s.last_value::text AS last
       FROM pg_sequences s
       JOIN pg_depend d ON d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass AND d.deptype IN ('a', 'i')
       JOIN pg_class c ON c.oid = d.refobjid
      WHERE s.schemaname = 'public' AND c.relname = ANY ($1::text[]) AND s.last_value IS NOT NULL
      ORDER BY s.sequencename`,
    [ours],
  );
  return rows;
}

async function othersThan(client: pg.Client, ours: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%s.%s', n.nspname, c.relname) AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT (n.nspname = 'public' AND c.relname = ANY ($1::text[]))
      ORDER BY 1 LIMIT 200`,
    [ours],
  );
  return rows.map(({ name }) => name);
}
