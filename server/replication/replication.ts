import type { ChangeLog, ChangeLogWriter } from '../change-log/change-log.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { beginEpoch, endsBefore, resolveEpoch } from './epoch.ts';
import { Latency } from '../platform/latency.ts';
import { followSlot } from './follow-slot.ts';
import type { LogLatencies } from './log-latencies.ts';
import { checkPublication } from './preflight.ts';
import type { SilenceLimits } from './silence-watch.ts';
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
  /** How long Postgres may be silent; a test shortens it. */
  readonly silence?: SilenceLimits;
  /** Hears that the stream has begun, that it has ended with an error, and that the log was begun anew. */
  readonly onEvent?: (kind: 'started' | 'failed' | 'reset', code: string, message: string | null) => void;
}

/** What the log was begun anew for: devices fetch their shapes again once after it. */
export const RESET_REASONS = [
  'first_start',
  'slot_missing',
  'slot_lost',
  'epoch_changed',
  'database_rolled_back',
  'log_behind_slot',
] as const;
export type ResetReason = (typeof RESET_REASONS)[number];

export interface ReplicationStatus {
  readonly streaming: boolean;
  /** When Postgres last sent anything, a keepalive included. */
  readonly lastContactAt: Date | undefined;
  readonly lastReset: { readonly reason: ResetReason; readonly at: Date } | undefined;
}

export interface Replication extends Service {
  readonly latencies: LogLatencies;
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
  const latencies: LogLatencies = { append: new Latency(), durable: new Latency() };

  const reconcile = async () => {
    const reason = await reconcileLog(options);
    if (reason === undefined) return;
    lastReset = { reason, at: options.clock.now() };
    options.onEvent?.('reset', reason, null);
    if (reason === 'first_start') log.info('the change log begins');
    else log.warn({ reason }, 'the change log was begun anew; devices fetch their shapes again once');
  };
  return {
    name: 'replication',
    latencies,
    status: () => ({ streaming, lastContactAt, lastReset }),
    async run(signal) {
      try {
        await reconcile();
        const observer = {
          started() {
            streaming = true;
            options.onEvent?.('started', 'started', null);
          },
          contact: () => void (lastContactAt = options.clock.now()),
        };
        await followSlot(options, signal, observer, latencies);
      } catch (error) {
        if (!signal.aborted) options.onEvent?.('failed', codeOf(error), messageOf(error));
        throw error;
      } finally {
        streaming = false;
      }
    },
  };
}

/** Our own code, Postgres's SQLSTATE or Node's; every error of the stream has a cause that one of them names, or is unforeseen. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code.slice(0, 60) : 'stream_failed';
}

/** Brings slot, epoch and log into agreement; returns why the log had to be begun anew, if it had to. */
async function reconcileLog(options: ReplicationOptions): Promise<ResetReason | undefined> {
  const { databaseUrl, pool, slotName, log } = options;
  await checkPublication(pool, options.publication);
  let epoch = await resolveEpoch(databaseUrl);
  // Before the slot is looked at: what a rolled-back database has in its slots says nothing about the log.
  const rolledBack = log.epoch === epoch.name && (await endsBefore(pool, log.position()));
  if (rolledBack) {
    await beginEpoch(pool, epoch);
    epoch = await resolveEpoch(databaseUrl);
  }
  const slot = await prepareSlot(pool, slotName);
  const reason = rolledBack ? 'database_rolled_back' : resetReason(log, epoch.name, slot);
  // A commit whose record begins exactly where the slot stands is still sent.
  if (reason !== undefined) await log.reset(epoch.name, slot.confirmed - 1n);
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
