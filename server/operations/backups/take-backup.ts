import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { refuseHalfRestored } from '../../db/restore-mark.ts';
import { knownMigrations, migratedTables } from '../../db/migration-files.ts';
import { HaloError, isHaloError } from '../../platform/errors.ts';
import { writeArchive } from './archive.ts';
import { ARCHIVE_FORMAT, fileNames } from './backup.ts';
import type { BackupContents, Card, Header, Method } from './backup.ts';
import { createMeter } from './meter.ts';
import { sealed } from './seal.ts';
import { inSession } from './session.ts';
import { writeCard } from './shelf.ts';
import { beginSnapshot, copyContents, countRows, describe } from './snapshot.ts';
import type { BackupStore } from './store.ts';
import { dumpParts, tryDump } from './tool-runs.ts';
import { canDump, findTools } from './tools.ts';

/** What a backup is taken of, and how. */
export interface BackupPlan {
  readonly databaseUrl: string;
  readonly store: BackupStore;
  /** An identity of age; undefined: not encrypted. */
  readonly key: string | undefined;
  /** `auto`: by Postgres's tools where they are here, fit the server, and get in; else by COPY. */
  readonly method: Method | 'auto';
  /** Of Halo. */
  readonly version: string;
  readonly runId: string | null;
}

/** A backup that was taken. */
export interface TakenBackup {
  readonly cardName: string;
  readonly card: Card;
  /** Tables in the same database that it does not hold. */
  readonly leftOut: readonly string[];
  /** Why tools of Postgres's that are here did not take it, though they were welcome to. */
  readonly passedOver: HaloError | undefined;
}

/**
 * Takes a backup of one moment of the database. It is there whole when this resolves, and not at all when it rejects.
 *
 * @throws HaloError `database_not_halo`; `restore_unfinished`; `backup_schema_newer` by COPY where a newer version has migrated it; `backup_tools_missing`
 */
export async function takeBackup(plan: BackupPlan, signal: AbortSignal): Promise<TakenBackup> {
  return inSession(plan.databaseUrl, signal, async (client) => {
    const { rows } = await client.query<{ version: number; migrated: boolean }>(
      `SELECT current_setting('server_version_num')::int AS version, to_regclass('public.migrations') IS NOT NULL AS migrated`,
    );
    const { version, migrated } = rows[0]!;
    await refuseHalfRestored(client);
    if (!migrated) throw new HaloError('database_not_halo', 'There is nothing of Halo in this database.');
    const { method, passedOver } = await methodFor(plan, version, signal);
    const ours = await migratedTables();
    await beginSnapshot(client);
    const origin = { id: randomUUID(), version: plan.version, runId: plan.runId };
    const header = await describe(client, method, ours, origin);
    if (method === 'copy') {
      await refuseUnlessKnown(header);
      return { ...(await store(plan, copyContents(client, header), signal)), passedOver };
    }
    const counts = await countRows(
      client,
      header.tables.map(({ name }) => name),
    );
    const { rows: exported } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    const parts = dumpParts(plan.databaseUrl, exported[0]!.id, signal);
    return { ...(await store(plan, { header, parts, rows: () => counts }, signal)), passedOver };
  });
}

/** Which tables are Halo's is known from migrations: those of a newer version would be taken for somebody else's. */
async function refuseUnlessKnown({ migrations }: Header): Promise<void> {
  const known = new Set(await knownMigrations());
  const unknown = migrations.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new HaloError(
    'backup_schema_newer',
    `The database has been migrated by a newer Halo: this one does not know ${unknown}, and cannot tell what belongs in the backup.`,
    { hint: 'Let the newer version take it, or pg_dump (HALO_BACKUP_METHOD), which reads all there is.' },
  );
}

async function methodFor(
  { method, databaseUrl }: BackupPlan,
  postgres: number,
  signal: AbortSignal,
): Promise<{ readonly method: Method; readonly passedOver?: HaloError }> {
  if (method === 'copy') return { method };
  const tools = await findTools();
  const fits = canDump(tools, postgres);
  if (method === 'pg_dump') {
    if (fits) return { method };
    throw unfit();
  }
  if (!fits) return tools.dump === undefined ? { method: 'copy' } : { method: 'copy', passedOver: unfit() };
  try {
    await tryDump(databaseUrl, signal);
    return { method: 'pg_dump' };
  } catch (error) {
    if (!isHaloError(error, 'backup_tool_failed')) throw error;
    return { method: 'copy', passedOver: error };
  }
}

function unfit(): HaloError {
  return new HaloError(
    'backup_tools_missing',
    'pg_dump and pg_restore are not both here, or are of a version that cannot put a backup back into this Postgres.',
    {
      field: 'HALO_BACKUP_METHOD',
      hint: 'Install the client tools of its version, or set HALO_BACKUP_METHOD to copy.',
    },
  );
}

async function store(
  { store: place, key, version }: BackupPlan,
  contents: BackupContents,
  signal: AbortSignal,
): Promise<Omit<TakenBackup, 'passedOver'>> {
  const { id, takenAt, house, method, postgres, migrations, leftOut } = contents.header;
  const encrypted = key !== undefined;
  const names = fileNames(id, takenAt, encrypted);
  const { meter, measured } = createMeter();
  // Before anything is begun at the place: what fails here leaves no writer there that waits for ever.
  const archive = await sealed(writeArchive(contents), key);
  const out = new PassThrough();
  const written = place.write(names.file, out, signal);
  // Whichever of both fails first says why; the other fails because of it.
  const filled = pipeline(archive, meter, out, { signal });
  await Promise.all([filled, written]).finally(() => Promise.allSettled([filled, written]));
  const { bytes, sha256 } = measured();
  const rows = Object.values(contents.rows()).reduce((sum, count) => sum + count, 0);
  const schema = migrations.at(-1) ?? '';
  const described = { id, house, takenAt, method, version, postgres, schema, encrypted, bytes, sha256, rows };
  const card: Card = { format: ARCHIVE_FORMAT, file: names.file, ...described };
  try {
    await writeCard(place, names.card, card, signal);
  } catch (error) {
    // A file without its card is no backup, and would lie there for ever.
    await place.remove(names.file).catch(() => {});
    throw error;
  }
  return { cardName: names.card, card, leftOut };
}
