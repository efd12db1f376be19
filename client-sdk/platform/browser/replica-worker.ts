import { PGlite } from '@electric-sql/pglite';
import { worker } from '@electric-sql/pglite/worker';
import { messageOf } from '../../errors.ts';
import { REPLICA_FAILED } from './replica-message.ts';

/**
 * The worker in which a browser's replica runs. Each tab starts one; the one that holds PGlite's lock opens
 * the database, and the others pass their queries to it. Durability is relaxed: what a crash takes is read
 * again from the position that went with it.
 */
await worker({
  async init({ dataDir }) {
    try {
      if (dataDir === undefined) throw new Error('no data directory was given');
      return await PGlite.create({ dataDir, relaxedDurability: true });
    } catch (error) {
      postMessage({ type: REPLICA_FAILED, message: messageOf(error) });
      throw error;
    }
  },
});
