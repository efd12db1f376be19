import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { readArchive } from './archive.ts';
import type { Header, Manifest } from './backup.ts';
import { compareRows } from './readable-backup.ts';
import type { ReadableBackup } from './readable-backup.ts';

const TABLE_PART = /^tables\/([a-z_]+)$/;

/**
 * Fills the tables of a database that has the schema of the backup and nobody's rows, in one transaction. Keys between
 * tables are made again at the end, which proves each reference; triggers do not run.
 */
export async function loadCopies(
  client: pg.Client,
  backup: ReadableBackup,
  header: Header,
  manifest: Manifest,
): Promise<void> {
  await client.query('BEGIN');
  const restoreRules = await suspendRules(client, header);
  const names = header.tables.map(({ name }) => `public.${client.escapeIdentifier(name)}`);
  // What migrations put there is in the backup, as it was by then.
  await client.query(`TRUNCATE ${names.join(', ')}`);
  let filling: { readonly part: string; readonly stream: Writable } | undefined;
  const endFilling = async () => {
    const { stream } = filling ?? {};
    filling = undefined;
    if (stream === undefined) return;
    stream.end();
    await finished(stream);
  };
  await readArchive(await backup.open(), {
    async piece(part, data) {
      if (filling?.part !== part) {
        await endFilling();
        filling = { part, stream: beginFilling(client, header, part) };
      }
      await write(filling.stream, data);
    },
  });
  await endFilling();
  await compareRows(client, manifest);
  for (const { name, last } of header.sequences)
    await client.query('SELECT setval($1::regclass, $2::bigint)', [
      `public.${client.escapeIdentifier(name)}`,
      last,
    ]);
  await restoreRules();
  await client.query('COMMIT');
}

function beginFilling(client: pg.Client, { tables }: Header, part: string): Writable {
  const name = TABLE_PART.exec(part)?.[1];
  const table = tables.find((one) => one.name === name);
  if (table === undefined) throw new Error(`the backup has a part that its header does not name: ${part}`);
  const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(', ');
  return client.query(copyFrom(`COPY public.${client.escapeIdentifier(table.name)} (${columns}) FROM STDIN`));
}

/** Resolves when the piece is taken, and rejects when Postgres refuses a row of it. */
function write(stream: Writable, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => (error ? reject(error) : resolve()));
  });
}

/** Takes away what would judge rows one by one; the function that is returned puts all of it back. */
async function suspendRules(client: pg.Client, { tables }: Header): Promise<() => Promise<void>> {
  const names = tables.map(({ name }) => name);
  const { rows: keys } = await client.query<{ table: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
       FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
      ORDER BY conrelid::regclass::text, conname`,
  );
  const { rows: triggers } = await client.query<{ table: string; name: string }>(
    `SELECT t.tgrelid::regclass::text AS table, quote_ident(t.tgname) AS name
       FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1::text[])`,
    [names],
  );
  for (const { table, name } of keys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  for (const { table, name } of triggers) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER ${name}`);
  return async () => {
    for (const { table, name } of triggers) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER ${name}`);
    for (const { table, name, definition } of keys)
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  };
}
