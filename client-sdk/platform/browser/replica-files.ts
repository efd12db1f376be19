/** Where PGlite keeps the files of `idb://<name>`: a database of IndexedDB, whose store has each file under its whole path. */
const databaseOf = (name: string) => `/pglite/${name}`;
const FILES = 'FILE_DATA';
/** Postgres names every directory of its files in it; where it is missing, there is no database. */
const MARK = 'PG_VERSION';

/**
 * Whether a replica has been stored. PGlite stores all of its files in one transaction of IndexedDB, so a tab that is killed
 * at its first start leaves all or none of them; and perhaps an empty database, which is no replica.
 */
export function hasReplica(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseOf(name));
    // There is none: it must not be made here, in a version that is not PGlite's.
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onerror = () =>
      request.error?.name === 'AbortError'
        ? resolve(false)
        : reject(request.error ?? new Error('not opened'));
    request.onsuccess = () => {
      const database = request.result;
      const answer = (found: boolean) => {
        database.close();
        resolve(found);
      };
      if (!database.objectStoreNames.contains(FILES)) return answer(false);
      const found = database
        .transaction(FILES)
        .objectStore(FILES)
        .count(`${databaseOf(name)}/${MARK}`);
      found.onsuccess = () => answer(found.result > 0);
      found.onerror = () => answer(false);
    };
  });
}

/** The lock that PGlite's worker holds for as long as it runs the database. */
const lockOf = (name: string) => `pglite-election-lock:${name}`;
/** A worker that has been ended lets go of its lock and its files within this time; one that runs keeps them. */
const LET_GO_LIMIT_MS = 10_000;

/**
 * Deletes a replica's IndexedDB database; rejects while another tab holds it. A deletion that is blocked cannot be taken
 * back: it would strike later, under whoever runs the replica by then. So it is begun only under PGlite's lock.
 */
export async function deleteReplica(name: string): Promise<void> {
  let isOurs = false;
  const signal = AbortSignal.timeout(LET_GO_LIMIT_MS);
  try {
    await navigator.locks.request(lockOf(name), { signal }, () => {
      isOurs = true;
      return deleteFiles(name);
    });
  } catch (error) {
    throw isOurs ? error : new Error('another tab holds the replica', { cause: error });
  }
}

function deleteFiles(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(databaseOf(name));
    const refuse = () => reject(new Error('something holds the files of the replica'));
    // By the files of a worker that has ended and is about to let go of them.
    request.onblocked = () => setTimeout(refuse, LET_GO_LIMIT_MS);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error ?? new Error('the replica could not be deleted'));
  });
}
