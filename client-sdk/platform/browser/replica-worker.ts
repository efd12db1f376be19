import { worker } from '@electric-sql/pglite/worker';
import { messageOf } from '../../errors.ts';
import { guardAgainstCrashes } from '../crash-guard.ts';
import { tellOfKeeping } from './keeping.ts';
import { openPostgres } from './open-postgres.ts';
import { REPLICA_CRASHED, REPLICA_FAILED } from './replica-message.ts';

/** PGlite waits for ever when its code cannot be loaded, and lets go of the reason: so it is caught here. */
function letGo({ reason }: PromiseRejectionEvent): void {
  fail(reason);
}

/** Says why, and ends, so that the next tab whose worker waits for its turn gets it. */
function fail(error: unknown): void {
  postMessage({ type: REPLICA_FAILED, message: messageOf(error) });
  close();
}

/**
 * The worker in which a browser's replica runs. Each tab starts one; the one that holds PGlite's lock opens
 * the database, and the others pass their queries to it.
 */
await worker({
  async init({ id }) {
    addEventListener('unhandledrejection', letGo);
    try {
      if (id === undefined) throw new Error('no name was given');
      const database = await openPostgres(id);
      tellOfKeeping(database, id);
      return guardAgainstCrashes(database, ({ message }) => {
        postMessage({ type: REPLICA_CRASHED, message });
        // Another tab can take it over.
        close();
      });
    } catch (error) {
      fail(error);
      throw error;
    } finally {
      removeEventListener('unhandledrejection', letGo);
    }
  },
});
