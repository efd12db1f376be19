import type { Environment } from '../sync/environment.ts';
import { decideFrontier } from './frontier.ts';
import type { FrontierDecision, FrontierPart } from './frontier.ts';
import type { ReplicaDatabase, ReplicaTransaction } from './replica-database.ts';

/** A sibling that waits for news is asked to look at once when a batch has waited for it this long. */
const NUDGE_AFTER_MS = 50;
/** Siblings wait so long for a stream that has lost contact or is read anew; then they go on without it. */
const AWAY_LIMIT_MS = 60_000;

/** A batch of one stream: rows and position, to be committed together. */
export interface Submission {
  /** Every transaction up to this LSN is in it or before it; undefined when the server does not say. */
  readonly lsn: bigint | undefined;
  /** The table whose visible rows it changes; undefined when it only moves the position. */
  readonly table: string | undefined;
  /** LSNs of the transactions in it, ascending, behind each of which it can be cut; none where it is one whole. */
  cuts(): readonly bigint[];
  /** Writes what lies up to an LSN, or all that is left. */
  work(tx: ReplicaTransaction, upTo: bigint | undefined): Promise<void>;
  /** What lies up to this LSN is committed; the rest still waits. */
  cut(upTo: bigint): void;
}

export interface CommitterOptions {
  readonly database: ReplicaDatabase;
  readonly sleep: Environment['sleep'];
  /** Asks these streams to look for news at once. */
  nudge(ids: readonly string[]): void;
  /** Hears of the tables that a commit has changed, after it. */
  onCommit(tables: readonly string[]): void;
  /** Runs inside each transaction that changes tables, after all rows. Resolves with further tables that show others now. */
  afterRows(tx: ReplicaTransaction, tables: readonly string[]): Promise<readonly string[]>;
}

interface Member {
  counted: boolean;
  /** Ends when it is back. */
  away: AbortController | undefined;
  committed: bigint | undefined;
  /** How far it will have come when the commit under way has ended. */
  committing: bigint | undefined;
  waiting: Waiting | undefined;
}

interface Waiting extends Submission {
  done(): void;
  failed(error: unknown): void;
}

/**
 * Commits the batches of all streams, each with its position, and what belongs together in one transaction (invariant 7).
 * Holds at most one batch a stream. A transaction is seen in parts only where one of its streams has been away for more
 * than a minute or is refused, or has no rows in sight yet; the status says so of each.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #members = new Map<string, Member>();
  #committing = false;
  #closed = false;
  #nudgeTimer: AbortController | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Introduces a stream; `committed` is the LSN up to which its rows in sight are known to be good. */
  join(id: string, counted: boolean, committed: bigint | undefined): void {
    const before = this.#members.get(id);
    // One that has trouble and begins again is waited for no longer than if it had not.
    const isCounted = counted && before?.counted !== false;
    const nothing = { committing: undefined, waiting: undefined };
    this.#members.set(id, { counted: isCounted, away: before?.away, committed, ...nothing });
  }

  /** Whether siblings wait for this stream. */
  count(id: string, counted: boolean): void {
    const member = this.#memberOf(id);
    const isNews = member.counted !== counted || member.away !== undefined;
    member.away?.abort();
    member.away = undefined;
    member.counted = counted;
    // One that is back can be asked to come up to what waits for it.
    if (isNews) this.#look();
  }

  /** The stream cannot come on at present: its siblings wait for it, if they did, and no longer than they may. */
  away(id: string): void {
    const member = this.#memberOf(id);
    if (!member.counted || member.away !== undefined || this.#closed) return;
    const back = new AbortController();
    member.away = back;
    void this.#options.sleep(AWAY_LIMIT_MS, back.signal).then(() => {
      if (!back.signal.aborted) this.count(id, false);
    });
  }

  /**
   * A stream that was behind is about to come up to its siblings, which wait from now on. `lsn` is where it stands when
   * it has no rows in sight.
   */
  hold(id: string, lsn: bigint | undefined): void {
    const member = this.#memberOf(id);
    member.counted = true;
    member.committed = lsn ?? member.committed;
    this.away(id);
  }

  /** Whether rows of a sibling are in sight, or will be once the commit under way has ended, that are newer than this LSN. */
  isBehind(id: string, lsn: bigint): boolean {
    return [...this.#members].some(([other, { counted, committed = 0n, committing = 0n }]) => {
      const reached = counted && committed > committing ? committed : committing;
      return other !== id && reached > lsn;
    });
  }

  /** Commits a batch as soon as its siblings have come as far; resolves after the commit. */
  submit(id: string, submission: Submission): Promise<void> {
    if (this.#closed) return Promise.reject(closing());
    const member = this.#memberOf(id);
    if (member.waiting !== undefined) throw new Error(`the stream ${id} has a batch under way already`);
    return new Promise((done, failed) => {
      member.waiting = { ...submission, done, failed };
      this.#look();
    });
  }

  /** Runs a transaction that changes no row in sight, and so waits for no sibling. */
  alone<T>(work: (tx: ReplicaTransaction) => Promise<T>): Promise<T | undefined> {
    return this.#transaction(work);
  }

  /** Ends waiting: what was not committed is rejected, and so is what comes later, of a stream that ends. */
  close(): void {
    this.#closed = true;
    this.#nudgeTimer?.abort();
    for (const member of this.#members.values()) {
      member.away?.abort();
      member.waiting?.failed(closing());
      member.waiting = undefined;
    }
  }

  #memberOf(id: string): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new Error(`the stream ${id} has not joined`);
    return member;
  }

  #look(): void {
    if (this.#committing || this.#closed) return;
    const { commit, laggards } = this.#decide();
    if (commit.length > 0) {
      this.#committing = true;
      void this.#commit(commit).finally(() => {
        this.#committing = false;
        this.#look();
      });
    } else if (laggards.length > 0) {
      this.#nudgeSoon();
    }
  }

  /** Never rejects: each batch hears of its own fate. */
  async #commit(parts: readonly FrontierPart[]): Promise<void> {
    const batches = parts.map(({ id, upTo }) => ({ id, upTo, batch: this.#memberOf(id).waiting! }));
    for (const { id, upTo, batch } of batches) this.#memberOf(id).committing = upTo ?? batch.lsn;
    let failing: Waiting | undefined;
    try {
      const tables = [...new Set(batches.flatMap(({ batch }) => batch.table ?? []))];
      const others: string[] = [];
      await this.#transaction(async (tx) => {
        for (const { batch, upTo } of batches) {
          failing = batch;
          await batch.work(tx, upTo);
        }
        failing = undefined;
        if (tables.length > 0) others.push(...(await this.#options.afterRows(tx, tables)));
      });
      for (const { id, upTo, batch } of batches) this.#committed(id, batch, upTo);
      if (tables.length > 0) this.#options.onCommit([...new Set([...tables, ...others])]);
    } catch (error) {
      // The others had no part in it: they are tried again without the one that failed.
      const culprits = failing === undefined ? batches.map(({ batch }) => batch) : [failing];
      for (const { id, batch } of batches) {
        if (!culprits.includes(batch)) continue;
        const member = this.#memberOf(id);
        if (member.waiting === batch) member.waiting = undefined;
        this.away(id);
        batch.failed(error);
      }
    } finally {
      for (const { id } of batches) this.#memberOf(id).committing = undefined;
    }
  }

  /** One that begins late, because the replica was opened again or taken over meanwhile, finds another state: it is refused. */
  async #transaction<T>(work: (tx: ReplicaTransaction) => Promise<T>): Promise<T | undefined> {
    const refuse = () => {
      if (this.#closed) throw closing();
    };
    refuse();
    return this.#options.database.transaction((tx) => {
      refuse();
      return work(tx);
    });
  }

  #committed(id: string, batch: Waiting, upTo: bigint | undefined): void {
    const member = this.#memberOf(id);
    if (upTo !== undefined) {
      batch.cut(upTo);
      member.committed = upTo;
      return;
    }
    if (member.waiting === batch) member.waiting = undefined;
    member.counted = true;
    // Nobody could ever know that one has come far enough which does not say where it is.
    member.committed = batch.lsn;
    batch.done();
  }

  #decide(): FrontierDecision {
    return decideFrontier(
      [...this.#members].map(([id, { counted, away, committed, waiting }]) => ({
        ...{ id, counted, away: away !== undefined, committed },
        waiting: waiting === undefined ? undefined : { lsn: waiting.lsn, cuts: waiting.cuts() },
      })),
    );
  }

  #nudgeSoon(): void {
    if (this.#nudgeTimer !== undefined || this.#closed) return;
    const timer = new AbortController();
    this.#nudgeTimer = timer;
    void this.#options.sleep(NUDGE_AFTER_MS, timer.signal).then(() => {
      this.#nudgeTimer = undefined;
      if (timer.signal.aborted) return;
      const { laggards } = this.#decide();
      if (laggards.length === 0) return;
      this.#options.nudge(laggards);
      this.#nudgeSoon();
    });
  }
}

const closing = () => new Error('the streams are being ended');
