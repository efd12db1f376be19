import { placeHangs } from './bounded-work.ts';

/** How long calls of a file system are waited for. */
export interface Patience {
  /** For any call: reading names, opening, writing a piece. */
  readonly callMs: number;
  /** For what may write out gigabytes: a sync, and closing. */
  readonly syncMs: number;
}

/** A disk that sleeps wakes within half a minute, and a server that it is mounted from starts again within two. */
const PATIENCE: Patience = { callMs: 120_000, syncMs: 3_600_000 };
/** Nothing new is begun while a call has been out for this long. */
const REFUSE_AFTER_MS = 30_000;

/** Calls of one file system, none of which is waited for for ever. */
export interface FileCalls {
  call<T>(work: () => Promise<T>): Promise<T>;
  /** As `call`, for what may take long. */
  sync<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Calls of a file system that may die: of a disk that is mounted from a machine that is gone they neither return nor fail. Each then
 * keeps one of the four threads that all file calls, look-ups of names and hashes of this process share; so while one is out, others are
 * refused at once: a job of each minute would have stopped the whole server within four.
 *
 * Both fail with `backup_place_hangs`.
 */
export function createFileCalls(patience: Patience = PATIENCE): FileCalls {
  const refuseAfterMs = Math.min(REFUSE_AFTER_MS, patience.callMs);
  const hanging = new Set<symbol>();

  const within = async <T>(work: () => Promise<T>, waitMs: number, suspectMs: number): Promise<T> => {
    if (hanging.size > 0) throw placeHangs();
    const call = Symbol('a call');
    const suspect = setTimeout(() => hanging.add(call), suspectMs);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(placeHangs()), waitMs);
    });
    const called = work().finally(() => {
      clearTimeout(suspect);
      clearTimeout(timer);
      hanging.delete(call);
    });
    return Promise.race([called, late]);
  };

  return {
    call: (work) => within(work, patience.callMs, refuseAfterMs),
    // It is long where much was written, which is no sign of anything.
    sync: (work) => within(work, patience.syncMs, patience.syncMs),
  };
}
