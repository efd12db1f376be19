import type { AlertWatchParts } from '../operations/alerts/alert-watch.ts';

/**
 * A device is proved to get no further by what this process has heard of it, and of where the log ended: the proof begins
 * anew at a start. Devices that are there ask within this share of the time that a proof takes.
 */
const HEARD_AGAIN_SHARE = 0.4;

export interface SettledStallsParts {
  readonly read: (forMs: number) => ReturnType<AlertWatchParts['stalledDevices']>;
  /** Where the log ended at a time; undefined before the first that is remembered. */
  readonly headAt: (atMs: number) => bigint | undefined;
  /** A monotonic clock in milliseconds; the log's. */
  readonly nowMs: () => number;
}

/** Reads stalled devices; that none is there counts only once one that was stalled all along would have been proved to be. */
export function settledStalls({
  read,
  headAt,
  nowMs,
}: SettledStallsParts): AlertWatchParts['stalledDevices'] {
  return async (forMs) => {
    const stalled = await read(forMs);
    const isSettled = headAt(nowMs() - forMs * (1 + HEARD_AGAIN_SHARE)) !== undefined;
    return stalled?.length === 0 && !isSettled ? undefined : stalled;
  };
}
