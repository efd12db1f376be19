import type { ChangeLog } from '../change-log/change-log.ts';
import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { DELETED_SHAPES } from './deleted-shape.ts';
import { parseHandle } from './handle.ts';
import type { DeleteRequest, DeleteVerdict, ShapeSource } from './shape-engine.ts';
import type { ShapeRegistry } from './shape-registry.ts';
import { replicationBehind } from './barrier.ts';

/** How long a deletion waits until the log has it, in milliseconds. */
const LOG_TIMEOUT_MS = 30_000;

export interface DeleterParts {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly registry: ShapeRegistry;
  /** The hash of a definition's shape as it is now. */
  readonly hashOf: (source: ShapeSource) => Promise<string>;
}

/**
 * Deletes a shape: whoever stands before this place in the log, on any instance and after any restart, is told to fetch
 * it again, as after a truncation. It resolves when this instance's log has it.
 */
export async function deleteShape(
  { pool, changeLog, registry, hashOf }: DeleterParts,
  { source, handle }: DeleteRequest,
): Promise<DeleteVerdict> {
  const named = handle === null ? undefined : parseHandle(handle)?.shape;
  if (source === null && named === undefined) return 'not_found';
  const shape = source === null ? named! : await hashOf(source);
  if (handle !== null && named !== shape) return 'mismatch';
  const position = await markDeleted(pool, shape);
  const timeout = AbortSignal.timeout(LOG_TIMEOUT_MS);
  await changeLog.whenReached(position, timeout).catch((error: unknown) => {
    throw timeout.aborted ? replicationBehind() : error;
  });
  registry.forgetSnapshot(shape);
  return 'deleted';
}

/** @returns an LSN behind the deletion's commit. */
async function markDeleted(pool: Pool, shape: string): Promise<bigint> {
  await inTransaction(pool, async (tx) => {
    await tx.query(`INSERT INTO ${DELETED_SHAPES} (shape) VALUES ($1)`, [shape]);
    await tx.query(`DELETE FROM ${DELETED_SHAPES} WHERE shape = $1`, [shape]);
  });
  const { rows } = await pool.query<{ lsn: string }>(
    `SELECT pg_wal_lsn_diff(pg_logical_emit_message(true, 'halo.barrier', ''), '0/0')::text AS lsn`,
  );
  return BigInt(rows[0]!.lsn);
}
