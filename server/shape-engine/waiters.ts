/** Why a wait ended. */
export type WaitOutcome = 'news' | 'sibling' | 'timeout' | 'closing';

interface Waiter {
  readonly session: string | null;
  readonly end: (outcome: WaitOutcome) => void;
}

/** Reads that wait for the same shape, and the siblings of their sessions. Every wait ends by itself. */
export class SessionWaiters {
  readonly #sessions = new Map<string, Set<Waiter>>();
  #count = 0;
  #closed = false;

  /** Waits of all shapes. */
  get count(): number {
    return this.#count;
  }

  /**
   * Waits in `place` until it has news, a sibling of the session had some, `timeoutMs` passed, or nobody waits any
   * more (`closing`); rejects with the signal's reason when it aborts.
   */
  wait(
    place: Set<Waiter>,
    session: string | null,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<WaitOutcome> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(reasonOf(signal));
      if (this.#closed) return resolve('closing');
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#remove(place, waiter);
      };
      const abort = () => {
        leave();
        reject(reasonOf(signal));
      };
      const end = (outcome: WaitOutcome) => {
        leave();
        resolve(outcome);
      };
      const waiter: Waiter = { session, end };
      const timer = setTimeout(() => end('timeout'), timeoutMs);
      signal.addEventListener('abort', abort, { once: true });
      this.#add(place, waiter);
    });
  }

  /** Ends the waits of `places` with news, and then those of the sessions that any of them belongs to. */
  news(places: Iterable<Set<Waiter>>): void {
    const sessions = new Set<string>();
    for (const place of places) {
      for (const waiter of [...place]) {
        if (waiter.session !== null) sessions.add(waiter.session);
        waiter.end('news');
      }
    }
    for (const session of sessions) {
      for (const sibling of [...(this.#sessions.get(session) ?? [])]) sibling.end('sibling');
    }
  }

  /** Ends the waits of one place. */
  endAll(place: Set<Waiter>, outcome: WaitOutcome): void {
    for (const waiter of [...place]) waiter.end(outcome);
  }

  /** Ends the waits of these places, and from now on every wait that begins: a read may be on its way to one. */
  close(places: Iterable<Set<Waiter>>): void {
    this.#closed = true;
    for (const place of places) this.endAll(place, 'closing');
  }

  #add(place: Set<Waiter>, waiter: Waiter): void {
    place.add(waiter);
    this.#count += 1;
    if (waiter.session === null) return;
    const siblings = this.#sessions.get(waiter.session);
    if (siblings === undefined) this.#sessions.set(waiter.session, new Set([waiter]));
    else siblings.add(waiter);
  }

  #remove(place: Set<Waiter>, waiter: Waiter): void {
    if (!place.delete(waiter)) return;
    this.#count -= 1;
    if (waiter.session === null) return;
    const siblings = this.#sessions.get(waiter.session);
    siblings?.delete(waiter);
    if (siblings?.size === 0) this.#sessions.delete(waiter.session);
  }
}

/** Waits for one shape. */
export type WaitingPlace = Set<Waiter>;

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('the wait was aborted', { cause: reason });
}
