import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog, LogChange } from '../../change-log/change-log.ts';
import type { Pool } from '../../db/pool.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Barriers } from '../barrier.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { Gate } from '../../platform/gate.ts';
import { MessageEncoder } from '../message-encoder.ts';
import { ShapeTail } from '../shape-tail.ts';
import type { TailBudget } from '../shape-tail.ts';
import type { TableSchema } from '../table-schema.ts';
import { snapshotEndMessage } from '../visibility.ts';
import type { SessionWaiters, WaitingPlace } from '../waiters.ts';
import { followTransaction, settle } from './follow-transaction.ts';
import type { SharedAmount, Share } from './memory-share.ts';
import { openWindow } from './open-window.ts';
import type { OpenedWindow } from './open-window.ts';
import type { ShapePlan } from './plan.ts';
import type { QueryState } from './query-state.ts';
import { RowEncoder } from './row-encoder.ts';
import { TableFeed } from './table-feed.ts';
import { ChangeReader } from './transaction.ts';
import type { OpenTransaction, ShapeTransaction } from './transaction.ts';
import { TransactionMessages } from './transaction-messages.ts';
import { TooLarge } from './too-large.ts';

/** A shape's own log, in bytes: who stands before what fits begins anew. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

export interface SubqueryStreamParts {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly barriers: Barriers;
  readonly dispatcher: Dispatcher;
  readonly waiters: SessionWaiters;
  readonly logger: Logger;
  /** Bounds how many shapes look at the database at once. */
  readonly gate: Gate;
  readonly tailBudget: TailBudget;
  /** Values that the subqueries of all shapes give, and bytes of changes that wait to be followed. */
  readonly values: SharedAmount;
  readonly pendingBytes: SharedAmount;
  /** Aborts when the engine stops. */
  readonly signal: AbortSignal;
}

/**
 * A shape with subqueries as it is followed: whole transactions in, in the log's order; messages out, into a log of the
 * shape's own. It stands at one position of the log, with the values of its subqueries as they are there. What cannot be
 * followed ends it, and whoever reads it begins anew.
 */
export class SubqueryStream {
  readonly plan: ShapePlan;
  readonly tail: ShapeTail;
  readonly waiting: WaitingPlace = new Set();
  readonly feeds: readonly TableFeed[];
  readonly #parts: SubqueryStreamParts;
  readonly #isCurrent: (tables: readonly TableSchema[]) => boolean;
  readonly #reader: ChangeReader;
  readonly #encoder: MessageEncoder;
  readonly #rows: RowEncoder;
  /** Where it began to be handed changes. */
  readonly #from: LogOffset;
  readonly #stop = new AbortController();
  readonly #values: Share;
  readonly #pendingShare: Share;
  #states: readonly QueryState[] | null = null;
  #pending: ShapeTransaction[] = [];
  #pendingBytes = 0;
  #open: OpenTransaction | null = null;
  /** LSN up to which all transactions of the shape were followed. */
  #followed = 0n;
  #window: OpenedWindow | null = null;
  /** Whether rows came in since the window was opened. */
  #hasMovedIn = false;
  #running: Promise<void> | null = null;

  constructor(
    plan: ShapePlan,
    parts: SubqueryStreamParts,
    isCurrent: (tables: readonly TableSchema[]) => boolean,
  ) {
    this.plan = plan;
    this.#parts = parts;
    this.#isCurrent = isCurrent;
    this.#reader = new ChangeReader(plan);
    this.#encoder = new MessageEncoder(plan.shape);
    this.#rows = new RowEncoder(plan);
    this.#from = parts.dispatcher.startingPoint();
    this.#values = parts.values.share();
    this.#pendingShare = parts.pendingBytes.share();
    this.tail = new ShapeTail(this.#from, parts.tailBudget, MAX_LOG_BYTES);
    const tables = new Map(plan.queries.map(({ table }) => [table.oid, table]));
    this.feeds = [...tables.values()].map((table) => new TableFeed(table, this, plan.shape.hash));
    for (const feed of this.feeds) parts.dispatcher.add(feed);
  }

  /** True when it is not followed any more: its positions mean nothing. */
  get ended(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Whether the values of its subqueries are known. */
  get begun(): boolean {
    return this.#states !== null;
  }

  /** LSN up to which the shape's log is complete. */
  get position(): bigint {
    const [next] = this.#pending;
    // It never falls, also when a transaction is handed over: nothing of the shape lies between.
    if (next !== undefined) return next.lsn - 1n;
    const { position } = this.#parts.dispatcher;
    return position > this.#followed ? position : this.#followed;
  }

  /** Whether a reader at `offset` can go on. */
  continuesAt(offset: LogOffset): boolean {
    return !this.ended && compareLogOffsets(offset, this.tail.from) >= 0;
  }

  /**
   * Begins to follow, from the states that a snapshot ended with at `end`. Later snapshots change nothing. Throws
   * `TooLarge`, or `busy` where all shapes together give too many values.
   */
  begin(states: readonly QueryState[], end: LogOffset): void {
    if (this.begun || this.ended) return;
    this.#values.set(sizeOf(states));
    this.#states = states;
    this.#followed = end.lsn;
    this.#pending = this.#pending.filter(({ lsn }) => lsn > end.lsn);
    if (this.#open !== null && this.#open.lsn <= end.lsn) this.#open = null;
    this.#pendingBytes = this.#pending.reduce((bytes, each) => bytes + each.bytes, 0);
    this.#pendingShare.set(this.#pendingBytes);
    this.tail.restart(end);
    this.#wake();
  }

  /** Takes a change of the transaction that is being dispatched; false when the shape ends with it. */
  take(change: LogChange, lsn: bigint, xid: number): boolean {
    if (this.ended) return false;
    // What the states that it began with have in them may be dispatched only later.
    if (lsn <= this.#from.lsn || lsn <= this.#followed) return true;
    this.#open ??= this.#reader.begin(lsn, xid);
    if (!this.#open.add(change)) {
      this.end('a table was truncated, or altered');
      return false;
    }
    try {
      this.#pendingShare.set(this.#pendingBytes + this.#open.bytes);
      return true;
    } catch (error) {
      this.end(messageOf(error));
      return false;
    }
  }

  /** Ends the transaction that is being dispatched. */
  commit(): void {
    if (this.#open === null) return;
    this.#pending.push(this.#open);
    this.#pendingBytes += this.#open.bytes;
    this.#open = null;
    this.#wake();
  }

  /** Ends it for all its readers. */
  end(reason: string, error?: unknown): void {
    if (this.ended) return;
    const { logger, dispatcher, waiters, signal } = this.#parts;
    const { schema, table } = this.plan.own.table;
    if (!signal.aborted) {
      logger.info({ schema, table, reason, err: error }, 'a shape with subqueries is not followed any more');
    }
    this.#stop.abort(new Error(reason));
    for (const feed of this.feeds) dispatcher.remove(feed);
    this.#pending = [];
    this.#open = null;
    this.#values.release();
    this.#pendingShare.release();
    this.tail.restart(this.tail.from);
    waiters.endAll(this.waiting, 'news');
  }

  /** Ends it, and resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.end('closed');
    await this.#running;
  }

  #wake(): void {
    if (this.#running !== null || this.#states === null || this.#pending.length === 0 || this.ended) return;
    this.#running = this.#run(this.#states).finally(() => {
      this.#running = null;
      this.#wake();
    });
  }

  async #run(states: readonly QueryState[]): Promise<void> {
    try {
      while (this.#pending.length > 0 && !this.ended) await this.#follow(states, this.#pending[0]!);
      await this.#closeWindow();
    } catch (error) {
      this.end(error instanceof TooLarge ? error.message : 'its changes could not be followed', error);
      await this.#closeWindow(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #follow(states: readonly QueryState[], transaction: ShapeTransaction): Promise<void> {
    const messages = new TransactionMessages(this.#encoder, this.#rows, states.at(-1)!, transaction);
    const candidates = {
      of: async (...asked: Parameters<OpenedWindow['rows']['of']>) => {
        this.#window ??= await this.#openWindow(states);
        return this.#window.rows.of(...asked);
      },
    };
    await followTransaction(states, transaction, candidates, messages);
    if (this.ended) return;
    const window = this.#window;
    window?.rows.followed(transaction);
    const next = this.#pending[1];
    const isLast = window !== null && (next === undefined || next.lsn > window.until);
    this.#hasMovedIn ||= messages.hasMovedIn;
    // All that the window's Postgres snapshot has seen is in the log by now.
    const isTold = isLast && this.#hasMovedIn;
    const entries = messages.entries(isTold ? snapshotEndMessage(window.seen) : null);
    settle(states);
    if (entries.reduce((bytes, each) => bytes + each.bytes.length, 0) > MAX_LOG_BYTES) {
      throw new TooLarge('one transaction moves more than the shape keeps of its log');
    }
    this.#values.set(sizeOf(states));
    this.#pending.shift();
    this.#pendingBytes -= transaction.bytes;
    this.#pendingShare.set(this.#pendingBytes + (this.#open?.bytes ?? 0));
    this.#followed = transaction.lsn;
    if (entries.length > 0) this.tail.append(transaction.lsn, entries, true);
    if (isLast) await this.#closeWindow();
    if (entries.length > 0) this.#parts.waiters.news([this.waiting]);
  }

  #openWindow(states: readonly QueryState[]): Promise<OpenedWindow> {
    const signal = AbortSignal.any([this.#stop.signal, this.#parts.signal]);
    const pending = (until: bigint) => this.#pending.filter(({ lsn }) => lsn <= until);
    const request = {
      plan: this.plan,
      isCurrent: this.#isCurrent,
      states,
      after: this.#followed,
      pending,
    };
    return new Promise((resolve, reject) => {
      const turn = this.#parts.gate.run(async () => {
        const window = await openWindow({ ...this.#parts, signal }, request);
        // It holds a connection: its turn lasts until it is closed.
        await new Promise<void>((over) =>
          resolve({ ...window, close: (failed) => window.close(failed).finally(over) }),
        );
      });
      turn.catch(reject);
    });
  }

  async #closeWindow(failed?: Error): Promise<void> {
    const window = this.#window;
    this.#window = null;
    this.#hasMovedIn = false;
    await window?.close(failed);
  }
}

/** Distinct values that the subqueries give. */
function sizeOf(states: readonly QueryState[]): number {
  return states.reduce((values, { set }) => values + set.size, 0);
}
