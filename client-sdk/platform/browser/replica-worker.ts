import { worker } from '@electric-sql/pglite/worker';
import { messageOf } from '../../errors.ts';
import { openPostgres } from './open-postgres.ts';
import { REPLICA_FAILED } from './replica-message.ts';

/**
 * The worker in which a browser's replica runs. Each tab starts one; the one that holds PGlite's lock opens
 * the database, and the others pass their queries to it.
 */
await worker({
  async init({ id }) {
    try {
      if (id === undefined) throw new Error('no name was given');
      return await openPostgres(id);
    } catch (error) {
      postMessage({ type: REPLICA_FAILED, message: messageOf(error) });
      throw error;
    }
  },
});
