import { Socket } from 'node:net';
import { LogicalReplicationService } from 'pg-logical-replication';
import type { ChangeLog, ChangeLogWriter, LogRelation } from '../change-log/change-log.ts';
import { SESSION_OPTIONS } from '../db/pool.ts';
import type { Pool } from '../db/pool.ts';
import { messageOf } from '../platform/errors.ts';
import type { LogLatencies } from './log-latencies.ts';
import { Confirmer } from './confirmer.ts';
import { describeRelation } from './describe-relation.ts';
import { formatLsn } from './lsn.ts';
import { PgoutputPlugin } from './pgoutput-plugin.ts';
import type { Received } from './pgoutput-plugin.ts';
import { Receiver } from './receiver.ts';
import { watchSilence } from './silence-watch.ts';
import type { SilenceLimits } from './silence-watch.ts';
import { followTransactionIds } from './transaction-ids.ts';

export interface FollowOptions {
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly slotName: string;
  readonly publication: string;
  readonly log: ChangeLogWriter & ChangeLog;
  readonly silence?: SilenceLimits;
}

/** Told how the stream fares. */
export interface StreamObserver {
  started(): void;
  /** Something was received. */
  contact(): void;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** How long the connection may take to end in order before its socket is destroyed. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Streams the slot into the log until `signal` aborts; rejects when the connection or the log fails. Either way
 * everything is closed when it settles, and a transaction that was not received whole is forgotten.
 */
export async function followSlot(
  options: FollowOptions,
  signal: AbortSignal,
  observer: StreamObserver,
  { append, durable }: LogLatencies,
): Promise<void> {
  if (signal.aborted) return;
  const { log, pool } = options;
  let stop!: () => void;
  let fail!: (error: unknown) => void;
  const ended = new Promise<void>((resolve, reject) => {
    stop = resolve;
    fail = (error) => reject(error instanceof Error ? error : new Error(messageOf(error)));
  });
  const ids = await followTransactionIds(pool, fail);
  if (signal.aborted) return ids.stop();
  const socket = new Socket();
  const service = openService(options.databaseUrl, socket);
  const confirmer = new Confirmer(log, (lsn) => acknowledge(service, lsn), fail, durable);
  const plugin = new PgoutputPlugin(options.publication);
  const describe = (relation: LogRelation) => describeRelation(options.databaseUrl, relation);
  const receiver = new Receiver(log, confirmer, ids.full, describe, fail, append);
  const ask = () => acknowledge(service, log.durable(), true);
  const watch = watchSilence(ask, fail, () => receiver.busy, options.silence);
  signal.addEventListener('abort', stop, { once: true });
  try {
    service.on('start', () => observer.started());
    service.on('error', fail);
    service.on('data', async (_lsn: string, received: Received) => {
      watch.heard();
      observer.contact();
      await receiver.receive(received).catch(fail);
    });
    service.on('heartbeat', (lsn, _timestamp, asked) => {
      watch.heard();
      observer.contact();
      receiver.keepalive(lsn, plugin.received, asked).catch(fail);
    });
    service
      .subscribe(plugin, options.slotName)
      .then(() => fail(new Error('the replication stream ended')), fail);
    await ended;
  } finally {
    signal.removeEventListener('abort', stop);
    watch.stop();
    ids.stop();
    await receiver.stop();
    await confirmer.stop();
    log.abandon();
    await close(service, socket);
  }
}

function openService(databaseUrl: string, socket: Socket): LogicalReplicationService {
  const client = {
    connectionString: databaseUrl,
    options: SESSION_OPTIONS,
    application_name: 'halo',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    stream: () => socket,
  };
  // The library would confirm what it has received; we confirm what is stored.
  return new LogicalReplicationService(client, {
    acknowledge: { auto: false, timeoutSeconds: 0 },
    flowControl: { enabled: true },
  });
}

/** `durable` is the last byte that is stored; the library adds the one that the protocol wants. */
async function acknowledge(service: LogicalReplicationService, durable: bigint, ask = false): Promise<void> {
  await service.acknowledge(formatLsn(durable), ask);
}

async function close(service: LogicalReplicationService, socket: Socket): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
  try {
    await service.destroy();
  } finally {
    clearTimeout(timer);
  }
}
