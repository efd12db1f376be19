import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { MutationBatch, MutationBatchResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { Pool, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { lockDevice, touchDevice } from './device-store.ts';
import { readLedger, writeLedger } from './ledger-store.ts';
import type { Outcome, SettledMutation } from './ledger-store.ts';
import { MutationRejection } from './mutation-handler.ts';
import { prepareMutation } from './prepared-mutation.ts';
import type { Handlers, PreparedMutation, Work } from './prepared-mutation.ts';
import { checkSequence, splitBatch } from './replay.ts';
import { storableText } from './storable-json.ts';
import { isTransient, retryTransient } from './retry-transient.ts';

/** Longest message that is kept with a rejection, in UTF-16 units. */
const MAX_MESSAGE_LENGTH = 500;

/** What settling needs from outside. */
export interface SettleParts {
  readonly pool: Pool;
  readonly handlers: Handlers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whose mutations they are. */
export interface Author {
  readonly userId: string;
  readonly role: Role;
}

/** What applying stopped at, with what had been settled before. */
interface Progress {
  readonly settled: readonly SettledMutation[];
  readonly failure: unknown;
}

/**
 * Settles a batch in one transaction: effects and ledger rows commit together. A batch that comes again, in
 * whole or in part, gets its stored answers. A mutation that fails for a reason of the server's ends the
 * batch before it: what came earlier is settled, the rest is to be sent again.
 *
 * @throws HaloError as `checkSequence`, `lockDevice` and `splitBatch` do; 503 `mutation_not_settled` when
 * not even the first could be settled.
 */
export async function settleBatch(
  parts: SettleParts,
  author: Author,
  batch: MutationBatch,
): Promise<MutationBatchResult> {
  checkSequence(batch);
  const now = parts.clock.now();
  const prepared = batch.mutations.map((mutation) => prepareMutation(mutation, parts.handlers, now));
  return retryTransient(
    () => inTransaction(parts.pool, (tx) => settleInTransaction(tx, parts, author, batch, prepared, now)),
    parts.logger,
  );
}

async function settleInTransaction(
  tx: Transaction,
  parts: SettleParts,
  author: Author,
  batch: MutationBatch,
  prepared: readonly PreparedMutation[],
  now: Date,
): Promise<MutationBatchResult> {
  const { deviceId } = batch;
  const device = await lockDevice(tx, deviceId, author.userId);
  const entries = await readLedger(tx, batch);
  const { replayed, fresh } = splitBatch(deviceId, prepared, device.lastSeq, entries);
  if (fresh.length === 0) {
    await touchDevice(tx, deviceId, device.lastSeenAt, now);
    return { lastSeq: device.lastSeq, results: [...replayed] };
  }
  await takeLocks(tx, fresh);
  const { settled, failure } = await applyAll(tx, fresh, { ...author, deviceId, now });
  if (failure !== undefined) logFailure(parts.logger, fresh[settled.length], failure);
  const last = settled.at(-1);
  if (last === undefined) {
    if (replayed.length === 0) throw notSettled(failure);
    return { lastSeq: device.lastSeq, results: [...replayed] };
  }
  const written = await writeLedger(tx, { deviceId, userId: author.userId }, settled);
  const answers = written.map(({ answer }) => ({ ...answer, replayed: false }));
  return { lastSeq: last.mutation.seq, results: [...replayed, ...answers] };
}

/** Takes the advisory locks of the whole batch, in ascending order, so that no two batches wait in a circle. */
async function takeLocks(tx: Transaction, mutations: readonly PreparedMutation[]): Promise<void> {
  const keys = new Set(
    mutations.flatMap(({ work }) => (work instanceof MutationRejection ? [] : work.locks)),
  );
  if (keys.size === 0) return;
  const ascending = [...keys].toSorted((a, b) => (a < b ? -1 : 1));
  await tx.query({
    name: 'advisory_locks',
    text: 'SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) WITH ORDINALITY AS keys (key, place) ORDER BY place',
    values: [ascending.map(String)],
  });
}

type Circumstances = Author & { readonly deviceId: string; readonly now: Date };

async function applyAll(
  tx: Transaction,
  mutations: readonly PreparedMutation[],
  circumstances: Circumstances,
): Promise<Progress> {
  const settled: SettledMutation[] = [];
  for (const mutation of mutations) {
    const { work } = mutation;
    if (work instanceof MutationRejection) {
      settled.push({ mutation, outcome: rejected(work) });
      continue;
    }
    const outcome = await applyOne(tx, mutation, work, circumstances);
    if ('failure' in outcome) return { settled, failure: outcome.failure };
    settled.push({ mutation, outcome });
  }
  return { settled, failure: undefined };
}

/** Applies one mutation under a savepoint, which takes its effects back when it is rejected or fails. */
async function applyOne(
  tx: Transaction,
  mutation: PreparedMutation,
  work: Work,
  { userId, role, deviceId, now }: Circumstances,
): Promise<Outcome | { readonly failure: unknown }> {
  const { id: mutationId, claim } = mutation;
  const { claimedAt, suspect: clockSuspect } = claim;
  await tx.query('SAVEPOINT mutation');
  try {
    const result = await work.apply(tx, { mutationId, deviceId, userId, role, claimedAt, clockSuspect, now });
    await tx.query('RELEASE SAVEPOINT mutation');
    return { status: 'applied', result };
  } catch (error) {
    // Postgres has ended the transaction, or will not let it commit: the whole batch begins anew.
    if (isTransient(error)) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT mutation');
    await tx.query('RELEASE SAVEPOINT mutation');
    return error instanceof MutationRejection ? rejected(error) : { failure: error };
  }
}

function rejected({ code, message, field }: MutationRejection): Outcome {
  const kept = storableText(message.slice(0, MAX_MESSAGE_LENGTH));
  return { status: 'rejected', code, message: kept, ...(field === undefined ? {} : { field }) };
}

function logFailure(logger: Logger, mutation: PreparedMutation | undefined, error: unknown): void {
  logger.error({ err: error, seq: mutation?.seq, type: mutation?.type }, 'a mutation could not be settled');
}

function notSettled(cause: unknown): HaloError {
  return new HaloError('mutation_not_settled', 'The server could not settle the first mutation.', {
    status: 503,
    hint: 'Nothing was settled: send the batch again later.',
    cause,
  });
}
