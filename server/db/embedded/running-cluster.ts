import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { placeOfCluster } from './cluster-files.ts';
import { SUPERUSER } from './initialise.ts';

/** Line of the port in the file that Postgres keeps while it runs. */
const PORT_LINE = 3;

/**
 * Connection URL of the superuser of the Postgres that another Halo runs in a data directory; undefined where none runs, or
 * its files are closed to us.
 */
export async function urlOfRunningCluster(dataDir: string, database: string): Promise<string | undefined> {
  const dir = await placeOfCluster(dataDir);
  const texts = [join(dir, 'postmaster.pid'), `${dir}.password`].map((file) => readFile(file, 'utf8'));
  const read = await Promise.all(texts).catch(() => undefined);
  const port = Number(read?.[0]?.split('\n')[PORT_LINE]);
  const password = read?.[1]?.trim();
  if (!Number.isInteger(port) || port <= 0 || password === undefined) return undefined;
  return `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}
