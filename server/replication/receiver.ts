import type { ChangeLog, ChangeLogWriter, LogRelation } from '../change-log/change-log.ts';
import { Latency } from '../platform/latency.ts';
import type { Confirmer } from './confirmer.ts';
import { parseLsn } from './lsn.ts';
import type { PgoutputMessage } from './pgoutput.ts';
import type { Received } from './pgoutput-plugin.ts';
import { TransactionAssembler } from './transaction-assembler.ts';

/** Transactions that may wait for the log's write at once. */
const MAX_UNWRITTEN = 256;

/**
 * Hands messages to the log one after the other. After a first failure nothing more is handled: the
 * library's queue goes on, and a later transaction must not be stored behind a missing one.
 */
export class Receiver {
  readonly #log: ChangeLogWriter & ChangeLog;
  readonly #confirmer: Pick<Confirmer, 'committed' | 'idle'>;
  readonly #fullXid: (xid: number) => number;
  readonly #describe: (relation: LogRelation) => Promise<LogRelation>;
  readonly #onFailure: (error: unknown) => void;
  readonly #append: Latency;
  readonly #assembler = new TransactionAssembler();
  #handled = 0;
  #handling = 0;
  #busy: Promise<void> = Promise.resolve();
  /** Settles with the last commit that the log was told of: they are written in their order, several at once. */
  #written: Promise<void> = Promise.resolve();
  #unwritten = 0;
  #stopped = false;
  /** The transaction under way is in the log already: it is sent again after a crash before its confirmation. */
  #skipping = false;
  #keepalive: { walEnd: bigint; after: number } | undefined;

  /**
   * @param fullXid makes a transaction's whole id of the low 32 bits that pgoutput tells.
   * @param describe adds to a table's description what pgoutput does not tell.
   * @param onFailure told when a commit that nobody waits for could not be written.
   * @param append told of each transaction how long the log took from its commit to its being readable.
   */
  constructor(
    log: ChangeLogWriter & ChangeLog,
    confirmer: Pick<Confirmer, 'committed' | 'idle'>,
    fullXid: (xid: number) => number,
    describe: (relation: LogRelation) => Promise<LogRelation>,
    onFailure: (error: unknown) => void,
    append = new Latency(),
  ) {
    this.#log = log;
    this.#confirmer = confirmer;
    this.#fullXid = fullXid;
    this.#describe = describe;
    this.#onFailure = onFailure;
    this.#append = append;
  }

  /** Handles nothing more, and resolves when what is being handled is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#busy;
    await this.#written;
  }

  /** Whether a message is being handled: for as long as the log needs to take it. */
  get busy(): boolean {
    return this.#handling > 0;
  }

  receive(received: Received): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#handling += 1;
    const run = this.#receive(received).finally(() => (this.#handling -= 1));
    this.#busy = run.catch(() => {});
    return run;
  }

  async #receive({ message, error }: Received): Promise<void> {
    try {
      if (message === undefined) throw error;
      await this.#handle(message);
      this.#handled += 1;
      await this.#applyKeepalive();
    } catch (failure) {
      this.#stopped = true;
      throw failure;
    }
  }

  /**
   * A keepalive says how far the WAL has been read. It overtakes messages that still wait in the queue, so it
   * counts only once those that were received before it (`after` in number) have been handled. When Postgres
   * asks for an answer it gets one even in the middle of a long transaction: without, it cuts the connection
   * after wal_sender_timeout, and would do so each time that the transaction is sent.
   */
  async keepalive(walEnd: string, after: number, asked: boolean): Promise<void> {
    if (this.#stopped) return;
    this.#keepalive = { walEnd: parseLsn(walEnd), after };
    if (asked) this.#confirmer.idle(true);
    await this.#applyKeepalive();
  }

  async #applyKeepalive(): Promise<void> {
    const keepalive = this.#keepalive;
    if (keepalive === undefined || this.#handled < keepalive.after || this.#assembler.open) return;
    this.#keepalive = undefined;
    if (keepalive.walEnd > 0n) await this.#log.advance(keepalive.walEnd - 1n);
    this.#confirmer.idle(false);
  }

  async #handle(received: PgoutputMessage): Promise<void> {
    const message =
      received.kind === 'relation'
        ? { ...received, relation: await this.#describe(received.relation) }
        : received;
    if (message.kind === 'begin') {
      if (this.#unwritten >= MAX_UNWRITTEN) await this.#written;
      this.#skipping = message.commitLsn <= this.#log.position();
    }
    const assembled = this.#assembler.accept(message);
    if (assembled.kind === 'nothing') return;
    if (!this.#skipping && assembled.changes.length > 0) {
      const { lsn, changes } = assembled;
      await this.#log.append({ lsn, xid: this.#fullXid(assembled.xid), changes });
    }
    if (assembled.kind === 'piece') return;
    if (!this.#skipping && !assembled.empty) this.#commit(assembled.lsn);
    await this.#log.advance(assembled.endLsn - 1n);
    this.#confirmer.committed();
  }

  /** Has the log commit without waiting for it, so that the next transactions are written with this one. */
  #commit(lsn: bigint): void {
    this.#unwritten += 1;
    const committedAt = performance.now();
    this.#written = this.#log.commit(lsn).then(
      () => {
        this.#unwritten -= 1;
        this.#append.observe(performance.now() - committedAt);
      },
      (error: unknown) => {
        this.#stopped = true;
        this.#onFailure(error);
      },
    );
  }
}
