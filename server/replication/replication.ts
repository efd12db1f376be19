import { LogicalReplicationService } from 'pg-logical-replication';
import type { ChangeLog, ChangeLogWriter } from '../change-log/change-log.ts';
import type { Pool } from '../db/pool.ts';
import { SESSION_OPTIONS } from '../db/pool.ts';
import { messageOf } from '../platform/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { Confirmer } from './confirmer.ts';
import { resolveEpoch } from './epoch.ts';
import { formatLsn } from './lsn.ts';
import { PgoutputPlugin } from './pgoutput-plugin.ts';
import type { Received } from './pgoutput-plugin.ts';
import { Receiver } from './receiver.ts';
import { prepareSlot } from './slot.ts';

export interface ReplicationOptions {
  readonly databaseUrl: string;
  readonly pool: Pool;
  /** Belongs to this instance alone. */
  readonly slotName: string;
  readonly publication: string;
  readonly log: ChangeLogWriter & ChangeLog;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** What the log was begun anew for: devices fetch their shapes again once after it. */
export type ResetReason = 'first_start' | 'slot_missing' | 'slot_lost' | 'epoch_changed' | 'log_behind_slot';

export interface ReplicationStatus {
  readonly streaming: boolean;
  /** When Postgres last sent anything, a keepalive included. */
  readonly lastContactAt: Date | undefined;
  readonly lastReset: { readonly reason: ResetReason; readonly at: Date } | undefined;
}

export interface Replication extends Service {
  status(): ReplicationStatus;
}

/**
 * Follows the slot into the change log (invariant 3): whole transactions, in commit order, and nothing
 * confirmed to Postgres that the log has not synced.
 */
export function createReplication(options: ReplicationOptions): Replication {
  const log = options.logger.child({ component: 'replication' });
  let streaming = false;
  let lastContactAt: Date | undefined;
  let lastReset: ReplicationStatus['lastReset'];

  const reconcile = async () => {
    const reason = await reconcileLog(options);
    if (reason === undefined) return;
    lastReset = { reason, at: options.clock.now() };
    if (reason === 'first_start') log.info('the change log begins');
    else log.warn({ reason }, 'the change log was begun anew; devices fetch their shapes again once');
  };
  return {
    name: 'replication',
    status: () => ({ streaming, lastContactAt, lastReset }),
    async run(signal) {
      await reconcile();
      try {
        await follow(options, signal, {
          started: () => void (streaming = true),
          contact: () => void (lastContactAt = options.clock.now()),
        });
      } finally {
        streaming = false;
      }
    },
  };
}

/** Brings slot, epoch and log into agreement; returns why the log had to be begun anew, if it had to. */
async function reconcileLog({
  databaseUrl,
  pool,
  slotName,
  log,
}: ReplicationOptions): Promise<ResetReason | undefined> {
  const epoch = await resolveEpoch(databaseUrl);
  const slot = await prepareSlot(pool, slotName);
  const reason = resetReason(log, epoch, slot);
  if (reason !== undefined) await log.reset(epoch, slot.confirmed);
  return reason;
}

function resetReason(
  log: ChangeLogWriter & ChangeLog,
  epoch: string,
  slot: { confirmed: bigint; made: 'missing' | 'lost' | undefined },
): ResetReason | undefined {
  if (log.epoch === '') return 'first_start';
  if (log.epoch !== epoch) return 'epoch_changed';
  if (slot.made !== undefined) return slot.made === 'lost' ? 'slot_lost' : 'slot_missing';
  // Postgres sends nothing again that was confirmed: what the log lacks of it is lost to it.
  return slot.confirmed > log.durable() + 1n ? 'log_behind_slot' : undefined;
}

interface Observer {
  started(): void;
  contact(): void;
}

/** Streams until `signal` aborts; rejects when the connection or the log fails. */
async function follow(options: ReplicationOptions, signal: AbortSignal, observer: Observer): Promise<void> {
  const { log, slotName } = options;
  const clientConfig = {
    connectionString: options.databaseUrl,
    options: SESSION_OPTIONS,
    application_name: 'halo',
  };
  // The library would confirm what it has received; we confirm what is stored.
  const service = new LogicalReplicationService(clientConfig, {
    acknowledge: { auto: false, timeoutSeconds: 0 },
    flowControl: { enabled: true },
  });
  const confirmer = new Confirmer(log, async (durable) => {
    // It adds one to the LSN that it is given, and the log's durable LSN is the last byte before the next record.
    await service.acknowledge(formatLsn(durable));
  });
  const plugin = new PgoutputPlugin(options.publication);
  const receiver = new Receiver(log, confirmer);
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (error: unknown) => reject(error instanceof Error ? error : new Error(messageOf(error)));
      confirmer.onFailure = fail;
      signal.addEventListener('abort', () => resolve(), { once: true });
      service.on('start', () => observer.started());
      service.on('error', fail);
      service.on('data', async (_lsn: string, received: Received) => {
        observer.contact();
        await receiver.receive(received).catch(fail);
      });
      service.on('heartbeat', (lsn, _timestamp, shouldRespond) => {
        observer.contact();
        receiver.keepalive(lsn, plugin.received, shouldRespond);
      });
      service.subscribe(plugin, slotName).then(() => fail(new Error('the replication stream ended')), fail);
    });
  } finally {
    await receiver.stop();
    log.abandon();
    await confirmer.stop();
    await service.destroy();
  }
}
