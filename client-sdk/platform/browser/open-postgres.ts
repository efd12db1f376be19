import { IdbFs, PGlite } from '@electric-sql/pglite';
import { pgliteVersion } from '../prepared/pglite-version.ts';
import { hasReplica } from './replica-files.ts';

/** A WebAssembly module without anything in it: PGlite fetches initdb at once, also where it will not run it, unless it is given. */
const NO_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Files that are kept only once they are known to be good. Nothing needs to be deleted, which PGlite's own connection would block. */
class FilesToCome extends IdbFs {
  areGood = false;

  override async syncToFs(): Promise<void> {
    if (this.areGood) await super.syncToFs();
  }
}

/**
 * Opens the Postgres that IndexedDB keeps as `name`. At its first start it begins with the prepared replica; with what initdb
 * makes, which takes seconds, where that cannot be fetched or another PGlite has made it. Durability is relaxed: what a
 * crash takes is read again from the position that went with it.
 */
export async function openPostgres(name: string): Promise<PGlite> {
  const options = { dataDir: `idb://${name}`, relaxedDurability: true };
  const withoutInitdb = { ...options, initdbWasmModule: new WebAssembly.Module(NO_MODULE) };
  if (await hasReplica(name)) return PGlite.create(withoutInitdb);
  try {
    // A chunk of its own: only a first start needs it.
    // eslint-disable-next-line no-restricted-syntax -- where it is missing initdb does its work, and nobody is told
    const { fetchPrepared } = await import('./fetch-prepared.ts');
    const { pglite, loadDataDir } = await fetchPrepared();
    const fs = new FilesToCome(name);
    const database = await PGlite.create({ ...withoutInitdb, fs, loadDataDir });
    fs.areGood = (await pgliteVersion(database)) === pglite;
    if (fs.areGood) return database;
    await database.close();
  } catch {
    // It could not be fetched, or Postgres refuses it. Nothing has been stored.
  }
  return PGlite.create(options);
}
