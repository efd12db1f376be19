import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type pg from 'pg';
import { knownMigrations, migratedTables } from '../../db/migration-files.ts';
import { migrate } from '../../db/migrate.ts';
import { markRestore, RESTORE_MARK } from '../../db/restore-mark.ts';
import { HaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { readArchive } from './archive.ts';
import type { PartTaker } from './archive.ts';
import type { Header, Manifest } from './backup.ts';
import { loadCopies } from './load-copies.ts';
import { migrateTo } from './migrate-to.ts';
import { inSession } from './session.ts';
import { compareRows } from './readable-backup.ts';
import type { ReadableBackup } from './readable-backup.ts';
import { settleRestored } from './settle-restored.ts';
import { DUMP_PART, restoreDump } from './tool-runs.ts';
import { findRestoreWay } from './tools.ts';
import type { RestoreWay } from './tools.ts';

/** What is known of a backup that was read from its beginning to its end. */
export interface CheckedBackup {
  readonly header: Header;
  readonly manifest: Manifest;
}

/**
 * Reads a backup to its end and compares it with what was written.
 *
 * @throws HaloError `backup_damaged`; `backup_too_new`; `backup_incomplete` where tables of Halo's are not in it
 */
export async function checkBackup(backup: ReadableBackup): Promise<CheckedBackup> {
  const checked = await readArchive(await backup.open(), {});
  const known = new Set(await knownMigrations());
  const unknown = checked.header.migrations.find((name) => !known.has(name));
  if (unknown === undefined) {
    await refuseUnlessComplete(checked.header);
    return checked;
  }
  throw new HaloError(
    'backup_too_new',
    `The backup is of a newer Halo (${checked.header.version}): this one does not know ${unknown}.`,
    { hint: 'Restore it with the version that took it, or a newer one.' },
  );
}

/** What was taken by COPY beside a schema that its version did not know lacks the tables of newer migrations. */
async function refuseUnlessComplete({ method, migrations, tables, version }: Header): Promise<void> {
  if (method !== 'copy') return;
  const held = new Set(tables.map(({ name }) => name));
  const missing = (await migratedTables(migrations)).filter((name) => !held.has(name));
  if (missing.length === 0) return;
  throw new HaloError(
    'backup_incomplete',
    `The backup lacks tables of Halo's: ${missing.slice(0, 5).join(', ')}. Halo ${version}, which took it, did not know them.`,
    { hint: 'Restore another one: npm run backup -- --list shows them.' },
  );
}

/**
 * Puts a checked backup into an empty database, brings its schema to this version's, and begins a new epoch there, so that
 * whoever followed the former database fetches once. Fails with `database_not_empty` or `backup_tools_missing` before anything is
 * written; where it fails later, the database holds a part of it, is marked so that no Halo starts on it, and is to be dropped.
 *
 * @param beforeStart what has to be done besides before a Halo may start on it; of this version's schema
 */
export async function restoreBackup(
  url: string,
  backup: ReadableBackup,
  { header, manifest }: CheckedBackup,
  logger: Logger,
  signal: AbortSignal,
  beforeStart: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const postgres = await inSession(url, signal, async (client) => {
    await refuseUnlessEmpty(client);
    return versionOf(client);
  });
  const way = header.method === 'pg_dump' ? await findRestoreWay(postgres) : undefined;
  await inSession(url, signal, markRestore);
  if (way === undefined) {
    await migrateTo(url, header.migrations, logger);
    await inSession(url, signal, (client) => loadCopies(client, backup, header, manifest));
  } else {
    await fromDump(url, way, backup, signal);
    await inSession(url, signal, (client) => compareRows(client, manifest));
  }
  await migrate(url, logger, { ofRestore: true });
  await beforeStart();
  await inSession(url, signal, (client) =>
    settleRestored(client, { id: randomUUID(), name: backup.name, header }),
  );
}

/** Whether a database holds nothing that anybody has made. */
export async function isEmpty(client: pg.Client): Promise<boolean> {
  return (await somethingIn(client)) === undefined;
}

async function refuseUnlessEmpty(client: pg.Client): Promise<void> {
  const name = await somethingIn(client);
  if (name === undefined) return;
  throw new HaloError('database_not_empty', `The database is not empty: it has ${name}.`, {
    hint:
      name === `public.${RESTORE_MARK}`
        ? 'A restore has not ended here, or is under way: drop the database and make it again where it has failed.'
        : 'Restore into an empty one, or give --set-former-aside, which keeps it under another name.',
  });
}

async function versionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  return rows[0]!.version;
}

async function somethingIn(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%s.%s', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
      ORDER BY c.oid LIMIT 1`,
  );
  return rows[0]?.name;
}

/** What pg_dump said goes to pg_restore as it is read, and is compared as it goes by. */
async function fromDump(
  url: string,
  way: RestoreWay,
  backup: ReadableBackup,
  signal: AbortSignal,
): Promise<void> {
  const dump = new PassThrough();
  const taker: PartTaker = {
    async piece(name, data) {
      if (name !== DUMP_PART) return;
      if (!dump.write(data)) await drained(dump);
    },
  };
  const read = async () => {
    try {
      await readArchive(await backup.open(), taker);
      dump.end();
    } catch (error) {
      dump.destroy(error as Error);
      throw error;
    }
  };
  const [reading, restoring] = await Promise.allSettled([read(), restoreDump(url, way, dump, signal)]);
  if (restoring.status === 'rejected') throw restoring.reason;
  if (reading.status === 'rejected') throw reading.reason;
}

/** Whoever takes the bytes may have gone: then nothing drains any more. */
function drained(stream: PassThrough): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.destroyed) return reject(new Error('nobody takes the dump any more'));
    const done = () => {
      stream.off('drain', done);
      stream.off('close', closed);
      resolve();
    };
    const closed = () => {
      stream.off('drain', done);
      reject(new Error('nobody takes the dump any more'));
    };
    stream.once('drain', done);
    stream.once('close', closed);
  });
}
