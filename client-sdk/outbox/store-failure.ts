import { HaloClientError, messageOf } from '../errors.ts';

/** What file systems say when there is no room: none left, the user's share is used up, the file may grow no more. */
const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * The public error for a write that the device's storage did not take: `store_full` where there was no room for it
 * (IndexedDB says `QuotaExceededError`), `store_failed` for anything else. Errors of the client stay as they are.
 */
export function storeFailure(cause: unknown): HaloClientError {
  if (cause instanceof HaloClientError) return cause;
  const { code, name } = (cause ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  const isFull = FULL_CODES.has(code) || name === 'QuotaExceededError';
  const message = isFull
    ? `There is no room left to keep it on this device: ${messageOf(cause)}`
    : `The store could not keep it: ${messageOf(cause)}`;
  return new HaloClientError(isFull ? 'store_full' : 'store_failed', message, { cause });
}
