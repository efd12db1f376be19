interface Waiter {
  readonly lsn: bigint;
  readonly settle: (error?: Error) => void;
}

/** Those who wait until the log has reached an LSN. */
export class PositionWaiters {
  readonly #waiters = new Set<Waiter>();

  /** Resolves when `reached` is told of `lsn` or a later one; rejects when `signal` aborts. */
  wait(lsn: bigint, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        lsn,
        settle: (error) => {
          this.#waiters.delete(waiter);
          signal.removeEventListener('abort', abort);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const abort = () =>
        waiter.settle(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  reached(position: bigint): void {
    for (const waiter of this.#waiters) if (waiter.lsn <= position) waiter.settle();
  }

  rejectAll(error: Error): void {
    for (const waiter of this.#waiters) waiter.settle(error);
  }
}
