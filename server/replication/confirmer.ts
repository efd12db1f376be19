import type { ChangeLogWriter } from '../change-log/change-log.ts';
import { Latency } from '../platform/latency.ts';

/**
 * How long after the last one a sync may begin: nobody waits for it (transactions are readable before), and
 * each costs the disk that Postgres, too, must sync its commits to.
 */
const AFTER_COMMIT_MS = 100;
/** Postgres asks for an answer whenever it has sent all it has; answered at once, it would ask again at once. */
const WHEN_ASKED_MS = 500;
const WHEN_IDLE_MS = 5_000;

/**
 * Syncs the log and then confirms to Postgres what is on disk. One sync runs at a time; whatever is committed
 * meanwhile goes with the next one.
 */
export class Confirmer {
  readonly #log: Pick<ChangeLogWriter, 'sync'>;
  readonly #confirm: (durable: bigint) => Promise<void>;
  readonly #onFailure: (error: unknown) => void;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** How soon after the last sync the next is wanted; undefined when none is. */
  #wantedMs: number | undefined;
  #lastAt = -Infinity;
  /** When the first commit came that no sync has begun for. */
  #unsyncedAt: number | undefined;
  #stopped = false;
  readonly #durable: Latency;

  /**
   * @param onFailure told once, when the log cannot be synced or the answer not be sent.
   * @param durable told of each sync how long the oldest commit in it had waited for the disk.
   */
  constructor(
    log: Pick<ChangeLogWriter, 'sync'>,
    confirm: (durable: bigint) => Promise<void>,
    onFailure: (error: unknown) => void,
    durable = new Latency(),
  ) {
    this.#durable = durable;
    this.#log = log;
    this.#confirm = confirm;
    this.#onFailure = onFailure;
  }

  /** Something was committed to the log. */
  committed(): void {
    this.#unsyncedAt ??= performance.now();
    this.#want(AFTER_COMMIT_MS);
  }

  /** Only the position moved, or Postgres asks for an answer (`asked`). */
  idle(asked: boolean): void {
    this.#want(asked ? WHEN_ASKED_MS : WHEN_IDLE_MS);
  }

  /** Waits for the sync under way; starts none afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #want(ms: number): void {
    if (this.#stopped || (this.#wantedMs !== undefined && this.#wantedMs <= ms)) return;
    this.#wantedMs = ms;
    if (this.#running === undefined) this.#arm(ms);
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    const delayMs = Math.max(0, this.#lastAt + ms - performance.now());
    this.#timer = setTimeout(() => void (this.#running = this.#work()), delayMs);
  }

  async #work(): Promise<void> {
    this.#wantedMs = undefined;
    const oldestAt = this.#unsyncedAt;
    this.#unsyncedAt = undefined;
    try {
      const reached = await this.#log.sync();
      if (oldestAt !== undefined) this.#durable.observe(performance.now() - oldestAt);
      await this.#confirm(reached);
    } catch (error) {
      this.#stopped = true;
      this.#onFailure(error);
    }
    this.#lastAt = performance.now();
    this.#running = undefined;
    if (this.#wantedMs !== undefined && !this.#stopped) this.#arm(this.#wantedMs);
  }
}
