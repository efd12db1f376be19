import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pgliteVersion } from '../prepared/pglite-version.ts';
import type { PreparedReplica } from '../prepared/prepared-replica.ts';
import { readPrepared } from '../prepared/read-prepared.ts';

/** The empty replica that the build has prepared; the same place within the sources and within the package. */
const PREPARED = new URL('../../dist/replica/empty-replica.bin', import.meta.url);

/** Postgres names every directory of its files in it; where it is missing, there is no database. */
const MARK = 'PG_VERSION';

/**
 * Opens the Postgres whose files lie in `dir`. Where there is none it is made, out of the prepared one if that is there and
 * was made by this PGlite, else by initdb, which takes seconds. It is made beside, and gets its name when it is whole:
 * a process that is killed meanwhile leaves nothing that could be taken for a replica.
 */
export async function openReplicaFiles(
  dir: string,
  prepared: () => Promise<PreparedReplica | undefined> = readPreparedFile,
): Promise<PGlite> {
  if (existsSync(join(dir, MARK))) return PGlite.create(dir);
  await removeReplicaFiles(dir);
  return (await openPrepared(dir, await prepared())) ?? makeByInitdb(dir);
}

/** Deletes the files, and what a killed process had made of them. */
export async function removeReplicaFiles(dir: string): Promise<void> {
  for (const each of [dir, beside(dir)]) await rm(each, { recursive: true, force: true });
}

/** The prepared replica; undefined where there is none that can be read. */
export async function readPreparedFile(): Promise<PreparedReplica | undefined> {
  try {
    return await readPrepared(new Blob([await readFile(PREPARED)]));
  } catch {
    return undefined;
  }
}

/** Undefined where nothing is prepared, or another PGlite has prepared it, or Postgres refuses it. */
async function openPrepared(dir: string, prepared: PreparedReplica | undefined): Promise<PGlite | undefined> {
  if (prepared === undefined) return undefined;
  await write(prepared, beside(dir));
  await rename(beside(dir), dir);
  try {
    const database = await PGlite.create(dir);
    if ((await pgliteVersion(database)) === prepared.pglite) return database;
    await database.close();
  } catch {
    // What was prepared is no better than none.
  }
  await removeReplicaFiles(dir);
  return undefined;
}

/** In this order and one at a time: a device's disk is no faster for more at once. */
async function write({ directories, files }: PreparedReplica, dir: string): Promise<void> {
  await mkdir(dir, { mode: 0o700 });
  for (const path of directories) await mkdir(join(dir, path), { mode: 0o700 });
  for (const { path, contents } of files) await writeFile(join(dir, path), contents, { mode: 0o600 });
}

async function makeByInitdb(dir: string): Promise<PGlite> {
  await (await PGlite.create(beside(dir))).close();
  await rename(beside(dir), dir);
  return PGlite.create(dir);
}

const beside = (dir: string) => `${dir}.new`;
