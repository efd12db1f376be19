import { replicaTableName } from '@halo/shapes/catalog/replica-schema.ts';
import type { StreamPosition } from '../streams/shape-request.ts';
import type { ReplicaDatabase, ReplicaTransaction } from './replica-database.ts';
import { SNAPSHOT_COLUMN } from './schema.ts';
import type { Subscription } from './subscription.ts';

/** A snapshot of a subscription, and the position that it has been brought to. */
export interface SnapshotPlace {
  readonly snapshot: number;
  readonly position: StreamPosition & { readonly handle: string };
}

/** How far a subscription has come in the replica. */
export interface Cursor {
  /** Snapshot whose rows are in sight. */
  readonly current: SnapshotPlace | undefined;
  readonly lsn: bigint | undefined;
  /** Snapshot that is being filled. */
  readonly building: SnapshotPlace | undefined;
}

interface CursorRow {
  readonly snapshot: number | null;
  readonly handle: string | null;
  readonly offset: string | null;
  readonly lsn: string | null;
  readonly new_snapshot: number | null;
  readonly new_handle: string | null;
  readonly new_offset: string | null;
}

/** Reads a subscription's cursor, making an empty one where there is none. */
export async function loadCursor(
  database: Pick<ReplicaDatabase, 'query'>,
  { id, definition, params }: Subscription,
): Promise<Cursor> {
  await database.query(
    'INSERT INTO local.cursors (subscription, shape, params) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [id, definition.name, JSON.stringify(params)],
  );
  const { rows } = await database.query<CursorRow>(
    `SELECT snapshot, handle, "offset", lsn, new_snapshot, new_handle, new_offset
     FROM local.cursors WHERE subscription = $1`,
    [id],
  );
  const row = rows[0]!;
  return {
    current: placeOf(row.snapshot, row.handle, row.offset),
    lsn: row.lsn === null ? undefined : BigInt(row.lsn),
    building: placeOf(row.new_snapshot, row.new_handle, row.new_offset),
  };
}

/** The snapshot in sight; undefined where there is none. */
export async function readCurrent(
  tx: Pick<ReplicaTransaction, 'query'>,
  { id }: Pick<Subscription, 'id'>,
): Promise<SnapshotPlace | undefined> {
  const { rows } = await tx.query<CursorRow>(
    'SELECT snapshot, handle, "offset" FROM local.cursors WHERE subscription = $1',
    [id],
  );
  const [row] = rows;
  return row === undefined ? undefined : placeOf(row.snapshot, row.handle, row.offset);
}

function placeOf(
  snapshot: number | null,
  handle: string | null,
  offset: string | null,
): SnapshotPlace | undefined {
  if (snapshot === null || handle === null || offset === null) return undefined;
  return { snapshot, position: { handle, offset } };
}

/** Moves the position of the rows in sight. */
export async function advanceCursor(
  tx: ReplicaTransaction,
  { id }: Subscription,
  position: StreamPosition,
  lsn: bigint | undefined,
): Promise<void> {
  await tx.query(
    'UPDATE local.cursors SET handle = $2, "offset" = $3, lsn = COALESCE($4, lsn) WHERE subscription = $1',
    [id, position.handle, position.offset, lsn?.toString() ?? null],
  );
}

/** Begins a snapshot of its own, dropping one that was left half-built. Returns its number. */
export async function beginBuilding(tx: ReplicaTransaction, subscription: Subscription): Promise<number> {
  const { id, definition } = subscription;
  await tx.query(
    `DELETE FROM ${replicaTableName(definition)}
     WHERE ${SNAPSHOT_COLUMN} = (SELECT new_snapshot FROM local.cursors WHERE subscription = $1)`,
    [id],
  );
  const { rows } = await tx.query<{ new_snapshot: number }>(
    `UPDATE local.cursors SET new_snapshot = nextval('local.snapshots')::int4, new_handle = NULL, new_offset = NULL
     WHERE subscription = $1 RETURNING new_snapshot`,
    [id],
  );
  const snapshot = rows[0]?.new_snapshot;
  if (snapshot === undefined) throw new Error(`no cursor for ${definition.name}`);
  return snapshot;
}

/** Keeps how far the snapshot under way has been filled. */
export async function advanceBuilding(
  tx: ReplicaTransaction,
  { id }: Subscription,
  position: StreamPosition,
): Promise<void> {
  await tx.query('UPDATE local.cursors SET new_handle = $2, new_offset = $3 WHERE subscription = $1', [
    id,
    position.handle,
    position.offset,
  ]);
}

/**
 * Puts the snapshot under way, which has the number `building`, in the place of the rows in sight, which go.
 * May be done twice: who was interrupted cannot know whether the first time counted.
 */
export async function publishBuilding(
  tx: ReplicaTransaction,
  subscription: Subscription,
  building: number,
  position: StreamPosition,
  lsn: bigint | undefined,
): Promise<void> {
  await tx.query(
    `DELETE FROM ${replicaTableName(subscription.definition)}
     WHERE ${SNAPSHOT_COLUMN} = (SELECT snapshot FROM local.cursors WHERE subscription = $1 AND snapshot <> $2)`,
    [subscription.id, building],
  );
  await tx.query(
    `UPDATE local.cursors SET snapshot = $2, handle = $3, "offset" = $4, lsn = $5,
       new_snapshot = NULL, new_handle = NULL, new_offset = NULL
     WHERE subscription = $1`,
    [subscription.id, building, position.handle, position.offset, lsn?.toString() ?? null],
  );
}

/** Drops rows and cursors of subscriptions that are no longer wanted. True when there were any. */
export async function pruneCursors(
  database: ReplicaDatabase,
  wanted: readonly Subscription[],
): Promise<boolean> {
  const ids = wanted.map(({ id }) => id);
  const { rows } = await database.query<{
    shape: string;
    snapshot: number | null;
    new_snapshot: number | null;
  }>('SELECT shape, snapshot, new_snapshot FROM local.cursors WHERE subscription <> ALL ($1::text[])', [ids]);
  if (rows.length === 0) return false;
  await database.transaction(async (tx) => {
    for (const { shape, snapshot, new_snapshot: building } of rows) {
      await tx.query(
        `DELETE FROM ${replicaTableName({ name: shape })} WHERE ${SNAPSHOT_COLUMN} = $1 OR ${SNAPSHOT_COLUMN} = $2`,
        [snapshot, building],
      );
    }
    await tx.query('DELETE FROM local.cursors WHERE subscription <> ALL ($1::text[])', [ids]);
  });
  return true;
}
