import type { StatusError } from '../../api.ts';

/** Type of the message by which the replica's worker says that Postgres could not be opened. */
export const REPLICA_FAILED = 'halo-replica-failed';
/** Type of the one by which it says that Postgres has crashed; the worker is of no use any more. */
export const REPLICA_CRASHED = 'halo-replica-crashed';

/** Name of the channel on which the worker that runs a replica tells all tabs whether what it holds is kept. */
export const keepingChannel = (id: string) => `halo-replica-kept:${id}`;

/** What it tells there after each write to IndexedDB. */
export interface KeepingMessage {
  /** Why it could not be written; undefined when it was. */
  readonly trouble: StatusError | undefined;
}
