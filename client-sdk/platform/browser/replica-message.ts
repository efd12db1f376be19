/** Type of the message by which the replica's worker says that Postgres could not be opened. */
export const REPLICA_FAILED = 'halo-replica-failed';
