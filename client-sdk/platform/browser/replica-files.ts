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

/** Deletes a replica's IndexedDB database; rejects while another tab holds it. */
export function deleteReplica(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(databaseOf(name));
    request.onblocked = () => reject(new Error('another tab holds the replica'));
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error ?? new Error('the replica could not be deleted'));
  });
}
