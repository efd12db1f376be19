import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Barriers } from './barrier.ts';
import { DELETED_SHAPES } from './deleted-shape.ts';
import { parseHandle } from './handle.ts';
import type { DeleteRequest, DeleteVerdict, ShapeSource } from './shape-engine.ts';
import type { ShapeRegistry } from './shape-registry.ts';

export interface DeleterParts {
  readonly pool: Pool;
  readonly barriers: Barriers;
  /** Aborts when the engine stops. */
  readonly signal: AbortSignal;
  readonly registry: ShapeRegistry;
  /** The hash of a definition's shape as it is now. */
  readonly hashOf: (source: ShapeSource) => Promise<string>;
}

/**
 * Deletes a shape: whoever stands before this place in the log, on any instance and after any restart, is told to fetch
 * it again, as after a truncation. It resolves when this instance's log has it.
 */
export async function deleteShape(
  { pool, barriers, signal, registry, hashOf }: DeleterParts,
  { source, handle }: DeleteRequest,
): Promise<DeleteVerdict> {
  const named = handle === null ? undefined : parseHandle(handle)?.shape;
  if (source === null && named === undefined) return 'not_found';
  const shape = source === null ? named! : await hashOf(source);
  if (handle !== null && named !== shape) return 'mismatch';
  await markDeleted(pool, shape);
  await barriers.pass(signal);
  registry.forgetSnapshot(shape);
  return 'deleted';
}

async function markDeleted(pool: Pool, shape: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query(`INSERT INTO ${DELETED_SHAPES} (shape) VALUES ($1)`, [shape]);
    await tx.query(`DELETE FROM ${DELETED_SHAPES} WHERE shape = $1`, [shape]);
  });
}
