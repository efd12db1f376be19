import { LeaderChangedError } from '@electric-sql/pglite/worker';
import type { PGliteWorker } from '@electric-sql/pglite/worker';
import { HaloClientError, isInterrupted } from '../../errors.ts';

/** A new leader that has not opened the replica by then never will: too little memory, a full disk. */
const TAKEOVER_LIMIT_MS = 90_000;
/** A statement is asked this often: tabs that go one after the other interrupt it more than once. */
const ATTEMPTS = 5;

/** Ends what is under way when the tab that runs the replica goes. */
export interface LeaderGuard {
  /** Rejects with `replica_interrupted`; whether the work took effect is not known. */
  once<T>(work: () => Promise<T>): Promise<T>;
  /** Asks again when interrupted: for work that may take effect twice without harm. */
  again<T>(work: () => Promise<T>): Promise<T>;
  /** Hears of each change, before the new leader is asked anything. */
  onChange(listener: () => void): () => void;
  /** Refuses what is under way and all that comes with this: there is nobody to ask any more. */
  end(error: HaloClientError): void;
}

/**
 * PGliteWorker rejects a call that is under way when the leading tab dies, but then tries to give back a lock
 * of the dead one and waits for ever for the answer. So what is under way is given up here. A change of leader
 * is told more than once; until the new one has answered, all that belongs to the same change. Where it does
 * not answer in time, everything is refused with `replica_unavailable`.
 */
export function guardAgainstLeaderChange(database: PGliteWorker): LeaderGuard {
  const underWay = new Set<(error: Error) => void>();
  const listeners = new Set<() => void>();
  let changing = false;
  let lost: HaloClientError | undefined;
  let ended = false;
  const giveUpAll = (error: HaloClientError) => {
    lost = error;
    for (const reject of underWay) reject(error);
  };
  database.onLeaderChange(() => {
    if (changing || ended) return;
    changing = true;
    for (const listener of [...listeners]) listener();
    const giveUp = () => {
      if (!ended) giveUpAll(unavailable());
    };
    const late = setTimeout(giveUp, TAKEOVER_LIMIT_MS);
    const taken = () => {
      changing = false;
      if (!ended) lost = undefined;
    };
    void database.waitReady.then(taken, giveUp).finally(() => clearTimeout(late));
    for (const reject of underWay) reject(interrupted());
  });
  function once<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (lost !== undefined) return reject(lost);
      const refuse = (error: Error) => reject(error instanceof LeaderChangedError ? interrupted() : error);
      underWay.add(reject);
      work()
        .then(resolve, refuse)
        .finally(() => underWay.delete(reject));
    });
  }
  async function again<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !isInterrupted(error)) throw error;
      }
    }
  }
  const onChange = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const end = (error: HaloClientError) => {
    ended = true;
    giveUpAll(error);
  };
  return { once, again, onChange, end };
}

const interrupted = () =>
  new HaloClientError('replica_interrupted', 'The tab that ran the replica has gone; another goes on.');

const unavailable = () =>
  new HaloClientError(
    'replica_unavailable',
    `The tab that ran the replica has gone, and no other could open it within ${TAKEOVER_LIMIT_MS / 1000} s.`,
  );
