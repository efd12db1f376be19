import { PGlite } from '@electric-sql/pglite';
import { readPreparedFile } from '../../client-sdk/platform/node/replica-files.ts';
import type { PreparedReplica } from '../../client-sdk/platform/prepared/prepared-replica.ts';
import { tarOf } from '../../client-sdk/platform/prepared/tar.ts';

/** An empty Postgres in memory, as a device has at its first start. */
export async function memoryPostgres(): Promise<PGlite> {
  return PGlite.create({ loadDataDir: new Blob([tarOf(await preparedReplica())]) });
}

/** The replica that is prepared for this run. */
export async function preparedReplica(): Promise<PreparedReplica> {
  const prepared = await readPreparedFile();
  if (prepared === undefined) throw new Error('no replica is prepared; `npm test` does that first');
  return prepared;
}

/**
 * The number that initdb gave the database, as `pg_control_system()` tells it: what was copied has that of its original. It
 * stands first in the control file.
 */
export function databaseIdentity({ files }: PreparedReplica): bigint {
  const { contents } = files.find(({ path }) => path === 'global/pg_control')!;
  return new DataView(contents.buffer, contents.byteOffset).getBigUint64(0, true);
}
