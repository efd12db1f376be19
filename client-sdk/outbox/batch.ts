import { MAX_BATCH_BYTES, MAX_BATCH_MUTATIONS } from '@halo/shapes/protocol/batch-limits.ts';
import type { Mutation, MutationBatch } from '@halo/shapes/protocol/mutation-batch.ts';
import type { DeviceIdentity } from '../sync/device-identity.ts';
import type { StoredMutation } from './outbox-store.ts';

/** Room for the envelope `{"deviceId":…,"mutations":[…]}` in a batch's bytes. */
const ENVELOPE_BYTES = 256;
/** Most bytes of one mutation, so that any one fits a batch by itself. */
export const MAX_MUTATION_BYTES = 64 * 1024;

export interface BatchBounds {
  readonly mutations: number;
  readonly bytes: number;
}
export const FULL_BATCH: BatchBounds = { mutations: MAX_BATCH_MUTATIONS, bytes: MAX_BATCH_BYTES };

/**
 * As many of the oldest pending mutations as fit one batch, in order, with their `seq` as the server counts
 * it. At least one, when there is one.
 */
export function takeBatch(
  pending: readonly StoredMutation[],
  identity: DeviceIdentity,
  bounds: BatchBounds,
): MutationBatch {
  const mutations: Mutation[] = [];
  let bytes = ENVELOPE_BYTES;
  for (const { seq, id, type, createdAt, args } of pending.slice(0, bounds.mutations)) {
    const mutation = { seq: seq - identity.seqBase, id, type, createdAt, args };
    bytes += byteLength(mutation) + 1;
    if (bytes > bounds.bytes && mutations.length > 0) break;
    mutations.push(mutation);
  }
  return { deviceId: identity.deviceId, mutations };
}

/** Bytes of a value's JSON. */
export function byteLength(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
