import type { StatusError } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';

/** What Postgres says (SQLSTATE) when the disk is full, and when it gets no memory. */
const CODES: Readonly<Record<string, string>> = { '53100': 'replica_full', '53200': 'replica_out_of_memory' };

/** What the status says of something that the replica could not do. */
export function replicaFailure(error: unknown): StatusError {
  const message = messageOf(error);
  if (error instanceof HaloClientError && error.code === 'replica_crashed')
    return { code: error.code, message };
  const state = (error as { code?: unknown } | undefined)?.code;
  return { code: (typeof state === 'string' ? CODES[state] : undefined) ?? 'replica_failed', message };
}
