import type { PGliteWorker } from '@electric-sql/pglite/worker';
import { HaloClientError } from '../../errors.ts';

/** Ends what is under way when the tab that runs the replica goes. */
export type LeaderGuard = <T>(work: Promise<T>) => Promise<T>;

/**
 * PGliteWorker rejects a call that is under way when the leading tab dies, but then tries to give back a lock
 * of the dead one and waits for ever for the answer. So what is under way is given up here: it rejects with
 * `replica_interrupted`, and whoever asked asks again. A change of leader is told more than once; until the
 * new one has answered, all that belongs to the same change.
 */
export function guardAgainstLeaderChange(database: PGliteWorker): LeaderGuard {
  const underWay = new Set<(error: Error) => void>();
  let changing = false;
  database.onLeaderChange(() => {
    if (changing) return;
    changing = true;
    void database.waitReady.then(() => (changing = false));
    const message = 'The tab that ran the replica has gone; another goes on.';
    for (const reject of underWay) reject(new HaloClientError('replica_interrupted', message));
  });
  return (work) =>
    new Promise((resolve, reject) => {
      underWay.add(reject);
      work.then(resolve, reject).finally(() => underWay.delete(reject));
    });
}
