import { replicaTableName } from '@halo/shapes/catalog/replica-schema.ts';
import { digestSql } from '@halo/shapes/catalog/row-digest.ts';
import type { Checksum } from '@halo/shapes/protocol/checksum.ts';
import type { OwnChecksum } from '../streams/ask-checksum.ts';
import { readCurrent } from './cursors.ts';
import type { ReplicaDatabase } from './replica-database.ts';
import { SNAPSHOT_COLUMN } from './schema.ts';
import type { Subscription } from './subscription.ts';

/** As the server writes values; an app may have set them otherwise. */
const SETTINGS = `SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL extra_float_digits = 1`;

/** Sums a subscription's rows up, in the transaction that reads their position; undefined while it has none. */
export async function checksumRows(
  database: ReplicaDatabase,
  subscription: Subscription,
): Promise<OwnChecksum | undefined> {
  return database.transaction(async (tx) => {
    const current = await readCurrent(tx, subscription);
    if (current === undefined) return undefined;
    const { columns } = subscription.definition;
    const table = replicaTableName(subscription.definition);
    await tx.exec(SETTINGS);
    const { rows } = await tx.query<Checksum>(
      digestSql(columns, `FROM ${table} WHERE ${SNAPSHOT_COLUMN} = ${current.snapshot}`),
    );
    const { handle, offset } = current.position;
    return { checksum: rows[0]!, handle, offset };
  });
}
