import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { readArchive } from './archive.ts';
import type { Header, Manifest } from './backup.ts';
import { compareRows } from './readable-backup.ts';
import type { ReadableBackup } from './readable-backup.ts';

const LINE_FEED = 0x0a;
const TABLE_PART = /^tables\/([a-z_]+)$/;

/**
 * Fills the tables of a database that has the schema of the backup and nobody's rows, piece by piece, each in a transaction of its own:
 * one for all would keep every slot of the cluster where it began, and with more WAL than `max_slot_wal_keep_size` cost each
 * instance its slot. Keys between tables are made again at the end, which proves each reference; triggers do not run. Where
 * it rejects, a part is left.
 */
export async function loadCopies(
  client: pg.Client,
  backup: ReadableBackup,
  header: Header,
  manifest: Manifest,
): Promise<void> {
  const restoreRules = await suspendRules(client, header);
  const names = header.tables.map(({ name }) => `public.${client.escapeIdentifier(name)}`);
  // What migrations put there is in the backup, as it was by then.
  await client.query(`TRUNCATE ${names.join(', ')}`);
  const tables = new TableFiller(client, header);
  await readArchive(await backup.open(), { piece: (part, data) => tables.take(part, data) });
  await tables.commit();
  await compareRows(client, manifest);
  for (const { name, last } of header.sequences)
    await client.query('SELECT setval($1::regclass, $2::bigint)', [
      `public.${client.escapeIdentifier(name)}`,
      last,
    ]);
  await restoreRules();
}

/** Gives COPY's text to tables, and commits at the last whole row of each piece. */
class TableFiller {
  readonly #client: pg.Client;
  readonly #header: Header;
  #filling: { readonly part: string; readonly stream: Writable } | undefined;

  constructor(client: pg.Client, header: Header) {
    this.#client = client;
    this.#header = header;
  }

  /** Rejects when Postgres refuses a row of it. */
  async take(part: string, data: Buffer): Promise<void> {
    if (this.#filling?.part !== part) await this.commit();
    // In COPY's text a line feed ends a row and is nothing else.
    const whole = data.lastIndexOf(LINE_FEED) + 1;
    if (whole > 0) {
      await this.#write(part, data.subarray(0, whole));
      await this.commit();
    }
    if (whole < data.length) await this.#write(part, data.subarray(whole));
  }

  /** Ends the statement that is under way, and with it its transaction. */
  async commit(): Promise<void> {
    const { stream } = this.#filling ?? {};
    this.#filling = undefined;
    if (stream === undefined) return;
    stream.end();
    await finished(stream);
  }

  #write(part: string, data: Buffer): Promise<void> {
    this.#filling ??= { part, stream: this.#begin(part) };
    const { stream } = this.#filling;
    return new Promise((resolve, reject) => {
      stream.write(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  #begin(part: string): Writable {
    const name = TABLE_PART.exec(part)?.[1];
    const table = this.#header.tables.find((one) => one.name === name);
    if (table === undefined) throw new Error(`the backup has a part that its header does not name: ${part}`);
    const columns = table.columns.map((column) => this.#client.escapeIdentifier(column)).join(', ');
    const target = `public.${this.#client.escapeIdentifier(table.name)}`;
    return this.#client.query(copyFrom(`COPY ${target} (${columns}) FROM STDIN`));
  }
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
