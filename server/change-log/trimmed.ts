import { HaloError } from '../platform/errors.ts';

/** The error of a reader that has fallen behind the log's start. */
export function trimmed(cause?: unknown): HaloError {
  return new HaloError('offset_trimmed', 'The log no longer reaches back to this offset.', {
    status: 409,
    cause,
  });
}
