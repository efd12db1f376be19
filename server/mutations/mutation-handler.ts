import type { ZodType } from 'zod';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Transaction } from '../db/pool.ts';

/** What a handler knows about the mutation besides its arguments. */
export interface MutationContext {
  readonly mutationId: string;
  readonly deviceId: string;
  readonly userId: string;
  readonly role: Role;
  /** The device's `createdAt`: a claim, never used for order. */
  readonly claimedAt: Date;
  /** True when the claim is absurd (far in the future, or older than Halo can explain). */
  readonly clockSuspect: boolean;
  /** The server's present. */
  readonly now: Date;
}

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
