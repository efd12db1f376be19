import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Origin } from '../audit/audit-log.ts';
import type { Transaction } from '../db/pool.ts';
import { readSettled } from './ledger-store.ts';
import type { SettledMutation } from './ledger-store.ts';
import { MutationRejection } from './mutation-handler.ts';
import type { HandledMutation, HandledResult, MutationHandler, Settled } from './mutation-handler.ts';
import type { PreparedMutation, Work } from './prepared-mutation.ts';
import { isTransient } from '../db/retry-transient.ts';
import { storableText } from '../platform/storable-text.ts';

/** Longest message that is kept with a rejection, in UTF-16 units. */
const MAX_MESSAGE_LENGTH = 500;

/** Under whose name and when mutations are applied. */
export interface Circumstances {
  readonly userId: string;
  readonly role: Role;
  readonly deviceId: string;
  readonly origin?: Origin | undefined;
  readonly now: Date;
}

/** How far applying came: what it settled, and the failure that ended it, if one did. */
export interface Progress {
  readonly settled: readonly SettledMutation[];
  readonly failure: unknown;
}

/** A mutation whose arguments its handler has accepted. */
interface Workable {
  readonly mutation: PreparedMutation;
  readonly work: Work;
}

/**
 * Applies mutations in their order inside the transaction, and stops at the first that fails for a reason of
 * the server's; its effects are taken back. Those of one type that follow each other are given to their
 * handler together where it can take them so.
 */
export async function applyMutations(
  tx: Transaction,
  mutations: readonly PreparedMutation[],
  circumstances: Circumstances,
): Promise<Progress> {
  const outcomes = new Map<PreparedMutation, Settled>();
  const bound: Bound = { ...circumstances, settled: settledBefore(tx, mutations, outcomes, circumstances) };
  let failure: unknown;
  for (const run of runsOf(mutations)) {
    failure = await applyRun(tx, run, bound, outcomes);
    if (failure !== undefined) break;
  }
  const settled: SettledMutation[] = [];
  for (const mutation of mutations) {
    const outcome = outcomeIn(outcomes, mutation);
    if (outcome === undefined) break;
    settled.push({ mutation, outcome });
  }
  return { settled, failure };
}

/** The circumstances, and how a mutation learns what became of others. */
interface Bound extends Circumstances {
  settled(by: PreparedMutation, mutationId: string): Promise<Settled | undefined>;
}

/** Looks among the earlier mutations of the batch, whose answers are not in the ledger yet, and then there. */
function settledBefore(
  tx: Transaction,
  mutations: readonly PreparedMutation[],
  outcomes: ReadonlyMap<PreparedMutation, Settled>,
  { userId }: Circumstances,
): Bound['settled'] {
  return async (by, mutationId) => {
    const earlier = mutations.find(({ id, seq }) => id === mutationId && seq < by.seq);
    return earlier === undefined ? readSettled(tx, userId, mutationId) : outcomeIn(outcomes, earlier);
  };
}

function outcomeIn(
  outcomes: ReadonlyMap<PreparedMutation, Settled>,
  mutation: PreparedMutation,
): Settled | undefined {
  const { work } = mutation;
  return work instanceof MutationRejection ? outcomeOf(work) : outcomes.get(mutation);
}

/** Mutations of one type that follow each other. Those at fault already have no effect and part no others. */
function runsOf(mutations: readonly PreparedMutation[]): Workable[][] {
  const runs: Workable[][] = [];
  for (const mutation of mutations) {
    const { work } = mutation;
    if (work instanceof MutationRejection) continue;
    const run = runs.at(-1);
    if (run?.[0]?.work.handler === work.handler) run.push({ mutation, work });
    else runs.push([{ mutation, work }]);
  }
  return runs;
}

/** Applies a run and notes its outcomes; resolves with the failure that ended it, or undefined. */
async function applyRun(
  tx: Transaction,
  run: readonly Workable[],
  bound: Bound,
  outcomes: Map<PreparedMutation, Settled>,
): Promise<unknown> {
  const handler = run[0]?.work.handler;
  if (handler === undefined) return undefined;
  const handled = run.map((workable) => handledMutation(workable, bound));
  const together = run.length > 1 ? await applyTogether(tx, handler, handled) : undefined;
  for (const [index, { mutation }] of run.entries()) {
    const one = handled[index];
    if (one === undefined) continue;
    const result = together?.[index] ?? (await applyOne(tx, handler, one));
    if (result instanceof Failure) return result.cause;
    outcomes.set(mutation, outcomeOf(result));
  }
  return undefined;
}

/** A failure of the server's, whatever was thrown. */
class Failure {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause ?? new Error('nothing was thrown');
  }
}

/** The results of all of them, or undefined when they have to be applied one by one. */
async function applyTogether(
  tx: Transaction,
  handler: MutationHandler,
  mutations: readonly HandledMutation<unknown>[],
): Promise<readonly HandledResult[] | undefined> {
  const { applyAll } = handler;
  if (applyAll === undefined) return undefined;
  const results = await underSavepoint(tx, () => applyAll.call(handler, tx, mutations));
  return results instanceof MutationRejection || results instanceof Failure ? undefined : results;
}

function applyOne(
  tx: Transaction,
  handler: MutationHandler,
  { args, context }: HandledMutation<unknown>,
): Promise<HandledResult | Failure> {
  return underSavepoint(tx, () => handler.apply(tx, args, context));
}

/** Runs `work` under a savepoint, which takes its effects back when it is rejected or fails. */
async function underSavepoint<T>(
  tx: Transaction,
  work: () => Promise<T>,
): Promise<T | MutationRejection | Failure> {
  await tx.query('SAVEPOINT mutation');
  try {
    const result = await work();
    await tx.query('RELEASE SAVEPOINT mutation');
    return result;
  } catch (error) {
    // Postgres has ended the transaction, or will not let it commit: the whole batch begins anew.
    if (isTransient(error)) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT mutation');
    await tx.query('RELEASE SAVEPOINT mutation');
    return error instanceof MutationRejection ? error : new Failure(error);
  }
}

function handledMutation(
  { mutation, work }: Workable,
  { userId, role, deviceId, origin, now, settled }: Bound,
): HandledMutation<unknown> {
  const { id: mutationId, claim } = mutation;
  const { claimedAt, suspect: clockSuspect } = claim;
  const others = (otherId: string) => settled(mutation, otherId);
  const context = {
    mutationId,
    deviceId,
    userId,
    role,
    origin,
    claimedAt,
    clockSuspect,
    now,
    settled: others,
  };
  return { args: work.args, context };
}

function outcomeOf(result: HandledResult): Settled {
  if (!(result instanceof MutationRejection)) return { status: 'applied', result };
  const { code, message, field } = result;
  const kept = storableText(message.slice(0, MAX_MESSAGE_LENGTH));
  return { status: 'rejected', code, message: kept, ...(field === undefined ? {} : { field }) };
}
