import { readPrepared } from '../prepared/read-prepared.ts';
import { tarOf } from '../prepared/tar.ts';

/** The empty replica that the build has prepared; the same place within the sources and within the package. */
const PREPARED = new URL('../../dist/replica/empty-replica.bin', import.meta.url);
/** Within this time it is there, or initdb makes one. */
const FETCH_LIMIT_MS = 20_000;

/**
 * The prepared replica as PGlite takes it, and which PGlite made it. Rejects where it is not there, or not what it should
 * be: a server may answer any path with its page.
 */
export async function fetchPrepared(): Promise<{ readonly pglite: string; readonly loadDataDir: Blob }> {
  const answer = await fetch(PREPARED, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
  if (!answer.ok) throw new Error(`the prepared replica: HTTP ${answer.status}`);
  const prepared = await readPrepared(await answer.blob());
  return { pglite: prepared.pglite, loadDataDir: new Blob([tarOf(prepared)], { type: 'application/x-tar' }) };
}
