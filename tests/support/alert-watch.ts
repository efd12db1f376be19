import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { createLeases } from '../../server/jobs/lease.ts';
import { createAlertWatch } from '../../server/operations/alerts/alert-watch.ts';
import type { AlertWatchParts } from '../../server/operations/alerts/alert-watch.ts';
import { ALERT_KINDS } from '../../server/operations/alerts/alert.ts';
import type { InstanceFacts } from '../../server/operations/alerts/facts.ts';
import type { AlertFormat } from '../../server/operations/alerts/message.ts';
import { createWebhook } from '../../server/operations/alerts/webhook.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { createLogger } from '../../server/platform/logger.ts';
import type { AlertReceiver } from './alert-receiver.ts';
import type { TestDatabase } from './database.ts';

/** An instance that is well. */
export const INSTANCE_WELL: Omit<InstanceFacts, 'postgresAnswers' | 'unread' | 'isUntried'> = {
  replication: { state: 'live', seconds: 0 },
  answered: { total: 0, failed: 0, isWhole: true },
  sessions: { present: 0, silent: 0, isWhole: true },
};

const AT_ONCE = { raiseAfterMs: 0, clearAfterMs: 0 };
/** All at once. */
export const KINDS_AT_ONCE = Object.fromEntries(
  Object.entries(ALERT_KINDS).map(([name, kind]) => [name, { ...kind, ...AT_ONCE }]),
) as typeof ALERT_KINDS;

/** An instance's watch on a database; it looks each 50 ms, and tells at once. */
export function watchOn(
  { url, pool }: TestDatabase,
  receiver: AlertReceiver,
  changes: Partial<AlertWatchParts> & { readonly format?: AlertFormat; readonly log?: string[] } = {},
) {
  const { format = 'json', log, ...others } = changes;
  const lines = new Writable({
    write(line: Buffer, _, done) {
      log?.push(line.toString());
      done();
    },
  });
  const logger = createLogger('debug', lines);
  const watch = createAlertWatch({
    pool,
    leases: createLeases({ databaseUrl: url, logger, heartbeatMs: 50 }),
    instance: 'one',
    feeds: [],
    jobs: [],
    instanceFacts: () => INSTANCE_WELL,
    stalledDevices: () => Promise.resolve([]),
    webhook: createWebhook({
      url: receiver.url,
      format,
      places: { publicUrl: undefined, runbookUrl: undefined },
      fetch,
      random: () => 1,
      logger,
      backoff: { firstMs: 20, maxMs: 50 },
    }),
    newId: uuidv7,
    clock: systemClock,
    logger,
    pace: { everyMs: 50, quietMs: 0 },
    kinds: KINDS_AT_ONCE,
    ...others,
  });
  const controller = new AbortController();
  const running = watch.run(controller.signal);
  const stop = async () => {
    controller.abort();
    await running;
  };
  onTestFinished(stop);
  return { watch, stop };
}

/** Waits until nothing more can be under way: a few looks. */
export const someLooks = () => new Promise((resolve) => setTimeout(resolve, 300));
