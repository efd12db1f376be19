import { hash } from 'node:crypto';
import type { MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { Transaction } from '../db/pool.ts';
import { retryTransient } from '../db/retry-transient.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import { readLedger } from './ledger-store.ts';
import type { MutationHandler } from './mutation-handler.ts';
import type { MutationRequest, SettleRequest } from './mutation-request.ts';
import type { MutationTally } from './mutation-tally.ts';
import { prepareMutation } from './prepared-mutation.ts';
import { canonicalJson } from './request-hash.ts';
import { holdKey, lockRequestDevice, readKey, writeKey } from './request-store.ts';
import { settleInTransaction } from './settle-batch.ts';
import type { Author, SettleParts } from './settle-batch.ts';
import { storableJson } from './storable-json.ts';

/** What settling requests needs from outside. */
export interface SettleRequestParts extends Omit<SettleParts, 'handlers'> {
  readonly handlers: readonly MutationHandler[];
  readonly tally: MutationTally;
  /** Makes the id of a mutation (UUIDv7), or of a device. */
  readonly newId: () => string;
}

/**
 * Makes what settles single requests. Each is the next mutation of a device that the server keeps for the account: the handlers,
 * the transaction and the ledger are those of batches.
 */
export function createSettleRequest(options: SettleRequestParts): SettleRequest {
  const { newId, tally } = options;
  const handlers = new Map(options.handlers.map((handler) => [handler.type, handler]));
  const logger = options.logger.child({ component: 'mutations' });
  const parts: SettleParts = { pool: options.pool, handlers, clock: options.clock, logger };
  return async (author, request) => {
    const startedMs = performance.now();
    const result = await retryTransient(
      () => inTransaction(parts.pool, (tx) => settleOrReplay(tx, parts, author, request, newId)),
      logger,
    );
    tally.settled([result], performance.now() - startedMs);
    return result;
  };
}

async function settleOrReplay(
  tx: Transaction,
  parts: SettleParts,
  author: Author,
  request: MutationRequest,
  newId: () => string,
): Promise<MutationResult> {
  const { key } = request;
  if (key === undefined) return settle(tx, parts, author, request, newId);
  const { userId } = author;
  if (!(await holdKey(tx, userId, key))) throw inProgress();
  const requestHash = hashOf(request);
  const kept = await readKey(tx, userId, key);
  if (kept !== undefined) {
    if (!kept.requestHash.equals(requestHash)) throw keyReused();
    const [entry] = await readLedger(tx, [kept.mutationId]);
    if (entry === undefined) throw new Error('the ledger has lost what a key stands for');
    return { ...entry.answer, replayed: true };
  }
  const result = await settle(tx, parts, author, request, newId);
  await writeKey(tx, userId, key, { mutationId: result.id, requestHash });
  return result;
}

async function settle(
  tx: Transaction,
  parts: SettleParts,
  author: Author,
  { type, args }: MutationRequest,
  newId: () => string,
): Promise<MutationResult> {
  const device = await lockRequestDevice(tx, author.userId, newId());
  const now = parts.clock.now();
  const mutation = { seq: device.lastSeq + 1, id: newId(), type, createdAt: now.toISOString(), args };
  const prepared = [prepareMutation(mutation, parts.handlers, now)];
  const { results } = await settleInTransaction(tx, parts, author, device.id, prepared, now);
  const [result] = results;
  if (result === undefined) throw new Error('a request was settled without an answer');
  return result;
}

function hashOf({ type, args }: MutationRequest): Buffer {
  return hash('sha256', canonicalJson([type, storableJson(args).value]), 'buffer');
}

function inProgress(): HaloError {
  return new HaloError('request_in_progress', 'A request with this key is being settled at this moment.', {
    status: 409,
    field: 'Idempotency-Key',
    details: { retryAfterS: 1 },
    hint: 'Send the same request again in a moment.',
  });
}

function keyReused(): HaloError {
  return new HaloError('idempotency_key_reused', 'Another request had this key, with other contents.', {
    status: 422,
    field: 'Idempotency-Key',
    hint: 'Use a key of its own for each request.',
  });
}
