import type { Role } from '@halo/shapes/protocol/auth.ts';
import type {
  MutationBatch,
  MutationBatchResult,
  MutationResult,
} from '@halo/shapes/protocol/mutation-batch.ts';
import type { Origin } from '../audit/audit-log.ts';
import type { Pool, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { applyMutations } from './apply-mutations.ts';
import { lockDevice, moveDevice, touchDevice } from './device-store.ts';
import type { LockedDevice } from './device-store.ts';
import { readLedger, writeLedger } from './ledger-store.ts';
import type { SettledMutation } from './ledger-store.ts';
import { prepareMutation } from './prepared-mutation.ts';
import type { Handlers, PreparedMutation } from './prepared-mutation.ts';
import { checkSequence, splitBatch } from './replay.ts';
import { takeLocks } from './batch-locks.ts';
import { retryTransient } from '../db/retry-transient.ts';

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
  readonly origin?: Origin | undefined;
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
    () =>
      inTransaction(parts.pool, (tx) =>
        settleInTransaction(tx, parts, author, batch.deviceId, prepared, now),
      ),
    parts.logger,
  );
}

/** Settles consecutive mutations of one device within the transaction; see `settleBatch`. */
export async function settleInTransaction(
  tx: Transaction,
  parts: SettleParts,
  author: Author,
  deviceId: string,
  prepared: readonly PreparedMutation[],
  now: Date,
): Promise<MutationBatchResult> {
  const device = await lockDevice(tx, deviceId, author.userId);
  const entries = await readLedger(
    tx,
    prepared.map(({ id }) => id),
  );
  const { known, fresh } = splitBatch(author.userId, prepared, device.lastSeq, entries);
  await takeLocks(tx, fresh);
  const { settled, failure } = await applyMutations(tx, fresh, { ...author, deviceId, now });
  if (failure !== undefined) logFailure(parts.logger, fresh[settled.length], failure);

  const answered = beforeFirst(prepared, fresh[settled.length]);
  const last = answered.at(-1);
  if (last === undefined) throw notSettled(failure);
  const lastSeq = Math.max(device.lastSeq, last.seq);
  const written = await keep(tx, { deviceId, userId: author.userId, lastSeq }, device, settled, now);
  const results = answered.map((mutation) => {
    const answer = known.get(mutation) ?? written.get(mutation.id);
    if (answer === undefined) throw new Error('unreachable: what is answered is known or written');
    return answer;
  });
  return { lastSeq, results };
}

/** What comes before the first mutation that could not be settled: all of it, when there is none. */
function beforeFirst(
  mutations: readonly PreparedMutation[],
  unsettled: PreparedMutation | undefined,
): readonly PreparedMutation[] {
  return unsettled === undefined ? mutations : mutations.slice(0, mutations.indexOf(unsettled));
}

/** Writes down what was settled now and how far the device has come; returns the new answers by id. */
async function keep(
  tx: Transaction,
  to: { readonly deviceId: string; readonly userId: string; readonly lastSeq: number },
  from: LockedDevice,
  settled: readonly SettledMutation[],
  now: Date,
): Promise<Map<string, MutationResult>> {
  if (settled.length === 0) {
    if (to.lastSeq > from.lastSeq) await moveDevice(tx, to.deviceId, to.lastSeq);
    else await touchDevice(tx, to.deviceId, from.lastSeenAt, now);
    return new Map();
  }
  const written = await writeLedger(tx, to, settled);
  return new Map(written.map((answer) => [answer.id, { ...answer, replayed: false }]));
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
