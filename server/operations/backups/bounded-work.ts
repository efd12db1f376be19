import { HaloError } from '../../platform/errors.ts';
import { sleep } from '../../platform/sleep.ts';

/** How long work may take. */
export interface WorkBounds {
  /** After so long it is told to end. */
  readonly boundMs: number;
  /** What has been told to end has so long to put its things in order; then it is left behind. */
  readonly graceMs: number;
}

/** An interrupted upload, a session and a half file are given up within this: what takes longer does not return. */
export const GRACE_MS = 10_000;

/**
 * Does work that ends when its signal aborts: at the bound, or when `signal` does. A signal alone ends no call of a file system that has
 * died under it: work that has not returned within the grace is left behind, so that whoever did it gives back its lease, says what is
 * wrong, and can be stopped.
 *
 * @param late what work that ends by itself after the bound fails with
 * @throws HaloError `backup_place_hangs` where the work was left behind
 */
export async function boundedWork<T>(
  work: (stop: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  { boundMs, graceMs }: WorkBounds,
  late: () => HaloError,
): Promise<T> {
  signal.throwIfAborted();
  const [stop, done] = [new AbortController(), new AbortController()];
  const forward = () => stop.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => stop.abort(late()), boundMs);
  const leaving = new Promise<never>((_, reject) => {
    const leave = async () => {
      await sleep(graceMs, done.signal);
      reject(placeHangs());
    };
    stop.signal.addEventListener('abort', () => void leave(), { once: true });
  });
  try {
    return await Promise.race([work(stop.signal), leaving]);
  } finally {
    done.abort();
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}

/** The error for a place that does not answer, and gives no error either. */
export function placeHangs(): HaloError {
  return new HaloError('backup_place_hangs', 'The place of backups does not answer, and gives no error.', {
    hint: 'See whether its disk, the machine that it is mounted from, or the storage of the bucket is there.',
  });
}
