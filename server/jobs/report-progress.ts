/** Progress is written at most so often. */
const EVERY_MS = 1_000;

/** Takes how far something is, and writes it down now and then. */
export interface ProgressWriter {
  /** Takes the newest step and share, from 0 to 1; returns at once. */
  report(step: string, share: number): void;
  /** Resolves when nothing is being written any more; what was not written by then never is. */
  settle(): Promise<void>;
}

/**
 * Writes progress at most every second, one writing at a time: what comes meanwhile replaces what waits. A writing that
 * fails loses nothing but itself; `onFault` hears of it.
 */
export function createProgressWriter(
  write: (step: string, share: number) => Promise<void>,
  nowMs: () => number,
  onFault: (error: unknown) => void,
): ProgressWriter {
  let lastAtMs = -Infinity;
  let writing: Promise<void> | undefined;
  return {
    report(step, share) {
      const atMs = nowMs();
      if (writing !== undefined || atMs - lastAtMs < EVERY_MS) return;
      lastAtMs = atMs;
      writing = write(step, share)
        .catch(onFault)
        .finally(() => {
          writing = undefined;
        });
    },
    async settle() {
      lastAtMs = Infinity;
      await writing;
    },
  };
}
