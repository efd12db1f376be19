import type { MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { Caller, RequireCaller } from '../auth/identity.ts';
import type { Pool } from '../db/pool.ts';
import type { SettleRequest } from '../mutations/mutation-request.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { ReportWriter } from './report.ts';

/** What the routes of reports and incidents need from outside. */
export interface RestParts {
  readonly pool: Pool;
  readonly requireCaller: RequireCaller;
  /** The same, for routes that count much: they may be asked less often. */
  readonly requireCounter: RequireCaller;
  /** The same, for routes that write: it may be asked less often. */
  readonly requireWriter: RequireCaller;
  readonly settle: SettleRequest;
  readonly writer: ReportWriter;
  /** Makes a UUIDv7. */
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Answers depend on who asks and when. */
export const NO_STORE = { 'cache-control': 'private, no-store' };

/** HTTP statuses of rejections; of those that are not here, 422. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  forbidden: 403,
  not_found: 404,
  transition_conflict: 409,
  version_conflict: 409,
  depends_on_rejected: 409,
};

/** What a request that is one mutation came to. */
export interface AppliedRequest {
  readonly result: Readonly<Record<string, unknown>>;
  readonly txid: string;
  /** Of a request whose answer was in the ledger already. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Settles a request as one mutation.
 *
 * @throws HaloError with the code of the rejection, when the mutation is rejected; as `SettleRequest` does
 */
export async function applyRequest(
  { settle }: Pick<RestParts, 'settle'>,
  { userId, role, origin }: Caller,
  type: string,
  args: unknown,
  key: string | undefined,
): Promise<AppliedRequest> {
  const settled = await settle({ userId, role, origin }, { type, args, key });
  const { status, result = {}, txid, replayed } = settled;
  if (status === 'rejected') throw rejectionOf(settled);
  return {
    result,
    txid,
    headers: { ...NO_STORE, ...(replayed ? { 'idempotency-replayed': 'true' } : {}) },
  };
}

function rejectionOf({ code = 'rejected', message, field, id, replayed }: MutationResult): HaloError {
  return new HaloError(code, message ?? 'The mutation was rejected.', {
    status: STATUS_OF_CODE[code] ?? 422,
    ...(field === undefined ? {} : { field }),
    // The ledger keeps it, and the author's devices see it in `my_mutations`.
    details: { mutationId: id, replayed },
  });
}
