import type { ChangeLogWriter } from '../change-log/change-log.ts';

/** With nothing but keepalives, the log is synced and confirmed at most this often. */
const IDLE_CONFIRM_MS = 5_000;

/**
 * Syncs the log and then confirms to Postgres what is on disk. One sync runs at a time; whatever is committed
 * meanwhile goes with the next one.
 */
export class Confirmer {
  readonly #log: ChangeLogWriter;
  readonly #confirm: (durable: bigint) => Promise<void>;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #lastAt = -Infinity;
  /** Told when the log cannot be synced. */
  onFailure: (error: unknown) => void = () => {};

  constructor(log: ChangeLogWriter, confirm: (durable: bigint) => Promise<void>) {
    this.#log = log;
    this.#confirm = confirm;
  }

  /** Something was committed to the log. */
  committed(): void {
    this.#request();
  }

  /** Only the position moved; `urgent` when Postgres asks for an answer. */
  idle(urgent: boolean): void {
    if (urgent || performance.now() - this.#lastAt > IDLE_CONFIRM_MS) this.#request();
  }

  /** Waits for the sync under way; starts none afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  #request(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
  }

  async #work(): Promise<void> {
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        const durable = await this.#log.sync();
        this.#lastAt = performance.now();
        await this.#confirm(durable);
      }
    } catch (error) {
      this.#stopped = true;
      this.onFailure(error);
    }
  }
}
