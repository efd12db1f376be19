import type { ZodType } from 'zod';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Origin } from '../audit/audit-log.ts';
import type { Transaction } from '../db/pool.ts';

/** What a handler knows about the mutation besides its arguments. */
export interface MutationContext {
  readonly mutationId: string;
  readonly deviceId: string;
  readonly userId: string;
  readonly role: Role;
  /** Of the request that brought it. */
  readonly origin?: Origin | undefined;
  /** The device's `createdAt`: a claim, never used for order. */
  readonly claimedAt: Date;
  /** True when the claim is absurd (far in the future, or older than Halo can explain). */
  readonly clockSuspect: boolean;
  /** The server's present. */
  readonly now: Date;
  /**
   * What became of an earlier mutation of the same person, from whatever device: undefined when none of that id
   * has been settled. Other people's are unknown to it.
   */
  settled(mutationId: string): Promise<Settled | undefined>;
}

/** What became of a mutation. */
export type Settled =
  | { readonly status: 'applied'; readonly result: Record<string, unknown> }
  | { readonly status: 'rejected'; readonly code: string; readonly message: string; readonly field?: string };

/**
 * What one mutation type does. `apply` runs inside the transaction that also writes the ledger row: it
 * resolves with the result kept for replays, or throws `MutationRejection` to settle it as rejected. Any
 * other error settles nothing, and the device sends again.
 */
export interface MutationHandler<Args = unknown> {
  readonly type: string;
  readonly schema: ZodType<Args>;
  /**
   * Keys of the advisory locks that `apply` relies on. They are taken for the whole batch beforehand, in
   * ascending order, so that two batches can never wait for each other in a circle.
   */
  locks(args: Args): readonly bigint[];
  /**
   * Ids (UUIDs) of what `apply` reads before it decides. Mutations that name the same one wait for each other,
   * from before any other lock is taken until the transaction ends.
   */
  subjects?(args: Args): readonly string[];
  /**
   * Keys of the advisory locks that only rows tell: asked once for all mutations of the handler in the batch,
   * while their subjects are held. They are taken together with those of `locks`.
   */
  storedLocks?(tx: Transaction, args: readonly Args[]): Promise<readonly bigint[]>;
  apply(tx: Transaction, args: Args, context: MutationContext): Promise<Record<string, unknown>>;
  /**
   * Applies mutations that follow each other in one batch with fewer statements than one by one, to the same
   * effect: resolves with a result or a rejection for each. An error takes back all of it, and then they are
   * applied one by one.
   */
  applyAll?(tx: Transaction, mutations: readonly HandledMutation<Args>[]): Promise<readonly HandledResult[]>;
}

/** One of several mutations for a handler. */
export interface HandledMutation<Args> {
  readonly args: Args;
  readonly context: MutationContext;
}

/** What became of one of them. */
export type HandledResult = Record<string, unknown> | MutationRejection;

/** Settles a mutation as rejected: its code, message and field are kept and shown to its author. */
export class MutationRejection extends Error {
  readonly code: string;
  readonly field: string | undefined;

  constructor(code: string, message: string, field?: string) {
    super(message);
    this.name = 'MutationRejection';
    this.code = code;
    this.field = field;
  }
}

/**
 * The rejection of a mutation that refers to something which is not there for its author: it is another's, or
 * unknown, or the mutation that was to make it was rejected. Only the last is told apart, of his own mutations.
 *
 * @param field where the arguments name it.
 */
export async function missing(
  context: Pick<MutationContext, 'settled'>,
  id: string,
  field: string,
): Promise<MutationRejection> {
  const settled = await context.settled(id);
  if (settled?.status === 'rejected') return dependsOnRejected(id, settled.code, field);
  return new MutationRejection('not_found', 'There is nothing of this id that you could change.', field);
}

/** The rejection of a mutation that builds upon one that was rejected. */
export function dependsOnRejected(id: string, code: string, field: string): MutationRejection {
  return new MutationRejection('depends_on_rejected', `Mutation ${id} was rejected: ${code}.`, field);
}
