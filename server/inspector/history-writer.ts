import type { Pool } from '../db/pool.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import { listFeeds } from './feed-store.ts';
import type { Fleet } from './fleet.ts';
import { isWritten, writeMinute } from './history-store.ts';
import type { Instances } from './instances.ts';
import type { ReadOpenAlerts } from './open-alerts.ts';
import { lookAt } from './sync-history.ts';

/** How often each instance looks whether the minute has been written down, in milliseconds: no minute passes between two looks. */
const LOOK_EVERY_MS = 20_000;

export interface HistoryWriterParts {
  readonly pool: Pool;
  readonly fleet: Pick<Fleet, 'view'>;
  readonly instances: Pick<Instances, 'all'>;
  readonly openAlerts: ReadOpenAlerts;
  readonly logger: Logger;
}

/** Writes down how all of it fares, unless it has been for this minute; says whether it did. */
export async function recordMinute({
  pool,
  fleet,
  instances,
  openAlerts,
}: Omit<HistoryWriterParts, 'logger'>): Promise<boolean> {
  if (await isWritten(pool)) return false;
  const [view, all, feeds, alerts] = await Promise.all([
    fleet.view(),
    instances.all(),
    listFeeds(pool),
    openAlerts(),
  ]);
  return writeMinute(pool, lookAt({ fleet: view, instances: all, feeds, alerts }));
}

/**
 * Keeps the history: whichever instance comes first in a minute writes it down. No lease: two that look at once agree by the
 * row's key, and one that dies is missed by nobody.
 */
export function createHistoryWriter({ logger, ...parts }: HistoryWriterParts): Service {
  return {
    name: 'sync history',
    async run(signal) {
      let isFailing = false;
      // What is seen in the first seconds is the start, and no fault.
      await sleep(LOOK_EVERY_MS, signal);
      while (!signal.aborted) {
        try {
          await recordMinute(parts);
          isFailing = false;
        } catch (error) {
          // Told once: Postgres may be away for long, and then the gap is what charts show.
          if (!isFailing) {
            const reason = messageOf(error);
            logger.warn(
              { component: 'inspector', reason },
              'the history of the sync cannot be written at present',
            );
          }
          isFailing = true;
        }
        await sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}
