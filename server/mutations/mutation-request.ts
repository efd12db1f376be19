import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { Origin } from '../audit/audit-log.ts';

/** A mutation that comes as a request of its own, and not in the queue of a device. */
export interface MutationRequest {
  readonly type: string;
  readonly args: unknown;
  /** The caller's `Idempotency-Key`; without one, each request is a mutation of its own. */
  readonly key: string | undefined;
}

/**
 * Settles a request by the handler that settles its type in batches, with a row of the ledger. The same key with the same
 * contents gets the stored answer.
 *
 * @throws HaloError 409 `request_in_progress` while another request with the key is being settled; 422 `idempotency_key_reused`
 * when the key stands for other contents; 503 when nothing was settled.
 */
export type SettleRequest = (
  author: { readonly userId: string; readonly role: Role; readonly origin?: Origin | undefined },
  request: MutationRequest,
) => Promise<MutationResult>;
