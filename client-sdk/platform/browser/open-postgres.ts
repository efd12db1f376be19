import { PGlite } from '@electric-sql/pglite';
import { pgliteVersion } from '../prepared/pglite-version.ts';
import type { PreparedReplica } from '../prepared/prepared-replica.ts';
import { readPrepared } from '../prepared/read-prepared.ts';
import { tarOf } from '../prepared/tar.ts';
import { deleteReplica, hasReplica } from './replica-files.ts';

/** The empty replica that the build has prepared; the same place within the sources and within the package. */
const PREPARED = new URL('../../dist/replica/empty-replica.bin', import.meta.url);
/** Within this time it is there, or initdb makes one. */
const FETCH_LIMIT_MS = 20_000;
/** A WebAssembly module without anything in it: PGlite fetches initdb at once, also where it will not run it, unless it is given. */
const NO_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/**
 * Opens the Postgres that IndexedDB keeps as `name`. At its first start it begins with the prepared replica; with what initdb
 * makes, which takes seconds, where that cannot be fetched or another PGlite has made it. Durability is relaxed: what a
 * crash takes is read again from the position that went with it.
 */
export async function openPostgres(name: string): Promise<PGlite> {
  const options = { dataDir: `idb://${name}`, relaxedDurability: true };
  const withoutInitdb = { ...options, initdbWasmModule: new WebAssembly.Module(NO_MODULE) };
  if (await hasReplica(name)) return PGlite.create(withoutInitdb);
  const prepared = await fetchPrepared();
  if (prepared === undefined) return PGlite.create(options);
  try {
    const loadDataDir = new Blob([tarOf(prepared)], { type: 'application/x-tar' });
    const database = await PGlite.create({ ...withoutInitdb, loadDataDir });
    if ((await pgliteVersion(database)) === prepared.pglite) return database;
    await database.close();
    await deleteReplica(name);
  } catch {
    // What was prepared is no better than none; of one that Postgres refuses nothing has been stored.
  }
  return PGlite.create(options);
}

/** Undefined where it is not there, or not what it should be: a server may answer any path with its page. */
async function fetchPrepared(): Promise<PreparedReplica | undefined> {
  try {
    const answer = await fetch(PREPARED, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
    return answer.ok ? await readPrepared(await answer.blob()) : undefined;
  } catch {
    return undefined;
  }
}
