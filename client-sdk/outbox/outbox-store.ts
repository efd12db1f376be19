/** A mutation as the outbox keeps it. */
export interface StoredMutation {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  /** ISO 8601, the device's clock. */
  readonly createdAt: string;
  readonly args: unknown;
  readonly rejection?: { readonly code: string; readonly message: string; readonly field?: string };
}

/** A mutation, to be queued, that takes the place of a rejected one. */
export interface Replacement {
  /** Of the rejected one. */
  readonly id: string;
  readonly by: Omit<StoredMutation, 'seq'>;
}

/**
 * Durable storage of the queue (invariant 1). Each method resolves only when its effect would survive the
 * death of the process and, as far as the platform lets one know, of the machine.
 */
export interface OutboxStore {
  /**
   * Gives the next gap-free `seq`, stores the mutation with it, and returns it. Holds as many as there is room for:
   * rejects with `store_full` where there is none, with `store_failed` where writing fails otherwise. The queue is
   * then as it was before.
   */
  append(mutation: Omit<StoredMutation, 'seq'>): Promise<StoredMutation>;
  /** Mutations not yet settled whose `seq` is above `after` (0 where none is given), in its order, at most `limit`. */
  pending(limit: number, after?: number): Promise<StoredMutation[]>;
  /** As `pending`, with the rejected ones that wait for their author among them. */
  list(limit: number, after?: number): Promise<StoredMutation[]>;
  /** The entry, pending or rejected, that has this id. */
  find(id: string): Promise<StoredMutation | undefined>;
  /** How many there are of each. */
  counts(): Promise<{ pending: number; rejected: number }>;
  /** The server has settled it as applied: removes it. Unknown ids are ignored. */
  settleApplied(id: string): Promise<void>;
  /** The server has settled it as rejected: kept until resent or discarded. */
  settleRejected(id: string, rejection: NonNullable<StoredMutation['rejection']>): Promise<void>;
  /**
   * Puts others in the places of rejected mutations, at the end of the queue in this order. It is one step: a crash
   * leaves all of them replaced or none, and however often and in however many tabs it is asked for, one takes each
   * place. Undefined, and nothing has changed, when one of them is not there as a rejected one.
   */
  replaceRejected(replacements: readonly Replacement[]): Promise<StoredMutation[] | undefined>;
  /** Removes a rejected mutation. */
  discard(id: string): Promise<void>;
  /** Lets go of the store; what it holds stays. */
  close(): Promise<void>;
}
