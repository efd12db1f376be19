import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog, LogChange, LogChunk } from '../change-log/change-log.ts';
import type { Logger } from '../platform/logger.ts';
import { deletedShape } from './deleted-shape.ts';
import { SharedMessages } from './encoded-message.ts';
import { endOf } from './log-offset.ts';
import { MatchIndex } from './match-index.ts';
import type { Matchable } from './match-index.ts';
import { stretches } from './stretch.ts';
import type { SessionWaiters, WaitingPlace } from './waiters.ts';

/** Who is handed the changes of a table. */
export interface DispatchedView extends Matchable {
  /** The shape's, by which it may be deleted. */
  readonly hash: string;
  /** Reads that are woken when `commit` says that there is news. */
  readonly waiting: WaitingPlace;
  /** Takes a change of the transaction that is being dispatched; false when the view ends with it. */
  take(change: LogChange, lsn: bigint, xid: number, shared: SharedMessages): boolean;
  /** Ends that transaction; true when there is news to be read. */
  commit(): boolean;
  /** What was dispatched up to `from` may not have been handed over. */
  skipTo(from: LogOffset): void;
}

export interface DispatcherOptions {
  readonly changeLog: ChangeLog;
  readonly waiters: SessionWaiters;
  readonly logger: Logger;
  /** Called when the log shows that a table is not what it was. */
  readonly onTableChanged: (schema: string, table: string) => void;
  readonly observer?: DispatchObserver | undefined;
}

/** Told which transactions were handed to their shapes. */
export interface DispatchObserver {
  /** The transaction whose commit record lies there. */
  committed(lsn: bigint): void;
  /** Those up to there were not. */
  forget(lsn: bigint): void;
}

/**
 * Reads the change log once, as it advances, and hands each change to the shapes that the match index finds
 * for it. Readers are woken after the last transaction that was there to be read.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #index = new MatchIndex<DispatchedView>();
  readonly #stopListening: () => void;
  #position: bigint;
  /** LSN of the transaction of which a part was dispatched. */
  #openLsn: bigint | null = null;
  #touched = new Set<DispatchedView>();
  readonly #shared = new SharedMessages();
  /** When the log had first something that was not looked at yet. */
  #unseenSince: number | undefined;
  #newsSince = 0;
  #running: Promise<void> | null = null;
  readonly #awaiting: (() => void)[] = [];
  #closed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#position = options.changeLog.position();
    this.#stopListening = options.changeLog.onAdvance(() => {
      this.#unseenSince ??= performance.now();
      this.#wake();
    });
    this.#wake();
  }

  /** Every transaction committed at or before this LSN was dispatched. */
  get position(): bigint {
    return this.#position;
  }

  /** When the log had what was dispatched last, by the process's clock in milliseconds. */
  get newsSince(): number {
    return this.#newsSince;
  }

  /** Resolves once everything up to `lsn` was dispatched, or nothing will be any more, or `signal` has aborted. */
  async whenReached(lsn: bigint, signal: AbortSignal): Promise<void> {
    while (this.#position < lsn && !this.#closed && !signal.aborted) {
      await new Promise<void>((resolve) => this.#awaiting.push(resolve));
    }
  }

  /** From where on a view that is added now gets every change: after a transaction half dispatched. */
  startingPoint(): LogOffset {
    return endOf(this.#openLsn ?? this.#position);
  }

  add(view: DispatchedView): void {
    this.#index.add(view);
  }

  remove(view: DispatchedView): void {
    this.#index.remove(view);
    this.#touched.delete(view);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    this.#moveOn();
    await this.#running;
  }

  #wake(): void {
    if (this.#running !== null || this.#closed) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      if (this.#position !== this.#options.changeLog.position()) this.#wake();
    });
  }

  async #run(): Promise<void> {
    const { changeLog, logger } = this.#options;
    try {
      while (!this.#closed && this.#position !== changeLog.position()) await this.#dispatchNew();
    } catch (error) {
      // Nothing is lost: whoever stands before the new position reads the log for himself.
      logger.error({ err: error }, 'dispatching changes failed; shapes go on from the present position');
      this.#skipTo(changeLog.position());
    }
  }

  async #dispatchNew(): Promise<void> {
    const { changeLog } = this.#options;
    const until = changeLog.position();
    this.#newsSince = this.#unseenSince ?? performance.now();
    this.#unseenSince = undefined;
    // After a reset the log may lie elsewhere altogether.
    if (until < this.#position || !changeLog.covers(endOf(this.#position))) return this.#skipTo(until);
    const news = new Set<DispatchedView>();
    const stepAside = stretches();
    for await (const chunk of changeLog.read(endOf(this.#position))) {
      await this.#dispatch(chunk, news, stepAside);
      if (this.#closed) return;
    }
    if (this.#position < until) this.#position = until;
    this.#tell(news);
  }

  /** Steps aside between changes: where thousands of shapes look at each, one piece alone would hold up everybody. */
  async #dispatch(
    chunk: LogChunk,
    news: Set<DispatchedView>,
    stepAside: () => Promise<void> | undefined,
  ): Promise<void> {
    this.#openLsn = chunk.lsn;
    for (const change of chunk.changes) {
      const turn = stepAside();
      if (turn !== undefined) {
        this.#tell(news);
        await turn;
        if (this.#closed) return;
      }
      for (const view of this.#concerned(change)) {
        if (view.take(change, chunk.lsn, chunk.xid, this.#shared)) {
          this.#touched.add(view);
          continue;
        }
        news.add(view);
        this.#options.onTableChanged(view.schema, view.table);
      }
    }
    this.#shared.clear();
    if (!chunk.last) return;
    for (const view of this.#touched) if (view.commit()) news.add(view);
    this.#touched.clear();
    this.#position = chunk.lsn;
    this.#openLsn = null;
    this.#options.observer?.committed(chunk.lsn);
  }

  #concerned(change: LogChange): Iterable<DispatchedView> {
    const found = this.#index.candidates(change);
    const deleted = deletedShape(change);
    if (deleted === undefined) return found;
    return new Set([...found, ...this.#index.all().filter(({ hash }) => hash === deleted)]);
  }

  #tell(news: Set<DispatchedView>): void {
    this.#options.waiters.news([...news].map((view) => view.waiting));
    news.clear();
    this.#moveOn();
  }

  #moveOn(): void {
    for (const resolve of this.#awaiting.splice(0)) resolve();
  }

  #skipTo(position: bigint): void {
    this.#position = position;
    this.#openLsn = null;
    this.#touched.clear();
    this.#options.observer?.forget(position);
    const all = this.#index.all();
    for (const view of all) view.skipTo(endOf(position));
    this.#options.waiters.news(all.map((view) => view.waiting));
    this.#moveOn();
  }
}
