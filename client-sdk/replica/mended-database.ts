import type { StatusError } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';
import type { Environment } from '../sync/environment.ts';
import type { ReplicaDatabase, ReplicaTransaction } from './replica-database.ts';

/** So many crashes within this time are mended; after one more the replica is given up. */
const MAX_CRASHES = 3;
const WINDOW_MS = 600_000;

export interface MendedOptions {
  /** Opens it; `anew` where it is to be built from nothing, since what it holds may be what it crashes of. */
  open(anew: boolean): Promise<ReplicaDatabase>;
  readonly now: Environment['now'];
  /** Why it keeps nothing at present; undefined when it does (again). */
  onTrouble(this: void, trouble: StatusError | undefined): void;
  /** It has been given up, for this reason: everything is refused with `replica_unavailable` from now on. */
  onLost(this: void, error: StatusError): void;
}

/**
 * A replica whose Postgres may crash (`replica_crashed`): it is opened again, and whoever uses it hears of that as of one that
 * another process has taken over. What was under way is refused. When it crashes again soon it is built anew, and in the end
 * given up, so that a device does not crash in circles.
 */
export class MendedDatabase implements ReplicaDatabase {
  readonly #options: MendedOptions;
  readonly #listeners = new Set<() => void>();
  readonly #crashesAt: number[] = [];
  #current: ReplicaDatabase;
  /** The last one that has crashed. */
  #crashed: ReplicaDatabase | undefined;
  /** Resolves when there is one that can be asked; rejects where none could be opened again. */
  #ready: Promise<void> = Promise.resolve();
  #lost: HaloClientError | undefined;
  #closed = false;
  #ignore: (() => void) | undefined;

  private constructor(options: MendedOptions, first: ReplicaDatabase) {
    this.#options = options;
    this.#current = first;
    this.#follow();
  }

  static async open(options: MendedOptions): Promise<MendedDatabase> {
    return new MendedDatabase(options, await options.open(false));
  }

  query<Row>(sql: string, params?: unknown[]): Promise<{ rows: Row[] }> {
    return this.#ask((database) => database.query<Row>(sql, params));
  }

  exec(sql: string): Promise<unknown> {
    return this.#ask((database) => database.exec(sql));
  }

  transaction<T>(work: (tx: ReplicaTransaction) => Promise<T>): Promise<T | undefined> {
    return this.#ask((database) => database.transaction(work));
  }

  onReplaced(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(disposed?: boolean): Promise<void> {
    this.#closed = true;
    await this.#ready.catch(() => {});
    this.#ignore?.();
    if (this.#lost === undefined) await this.#current.close(disposed);
  }

  async #ask<T>(ask: (database: ReplicaDatabase) => Promise<T>): Promise<T> {
    await this.#ready;
    const asked = this.#current;
    try {
      return await ask(asked);
    } catch (error) {
      if (!isCrash(error)) throw error;
      // Of all that were under way when it crashed, the first to hear of it has it mended.
      if (asked !== this.#crashed && this.#lost === undefined) this.#mend(asked, error);
      // Not asked again: it may be what the replica crashed of. Whoever does finds one that works.
      await this.#ready;
      throw error;
    }
  }

  #mend(crashed: ReplicaDatabase, crash: HaloClientError): void {
    this.#crashed = crashed;
    const now = this.#options.now();
    const recent = this.#crashesAt.filter((at) => at <= now && at > now - WINDOW_MS);
    this.#crashesAt.splice(0, Infinity, ...recent, now);
    this.#ignore?.();
    this.#ready = this.#openAgain(crashed, recent.length, crash);
    // Each who asks hears of it.
    this.#ready.catch(() => {});
  }

  async #openAgain(crashed: ReplicaDatabase, before: number, crash: HaloClientError): Promise<void> {
    await crashed.close().catch(() => {});
    try {
      if (before >= MAX_CRASHES || this.#closed) throw crash;
      this.#current = await this.#options.open(before > 0);
      this.#follow();
      for (const listener of [...this.#listeners]) listener();
    } catch (cause) {
      const message = `The replica was given up: ${messageOf(cause)}. Open the client again.`;
      this.#lost = new HaloClientError('replica_unavailable', message, { cause });
      this.#options.onLost({ code: isCrash(cause) ? 'replica_crashed' : 'replica_unavailable', message });
      throw this.#lost;
    }
  }

  #follow(): void {
    const { onTrouble } = this.#options;
    const offs = [
      this.#current.onReplaced?.(() => {
        for (const listener of [...this.#listeners]) listener();
      }),
      this.#current.onTrouble?.(onTrouble),
    ];
    onTrouble(undefined);
    this.#ignore = () => {
      for (const off of offs) off?.();
    };
  }
}

function isCrash(error: unknown): error is HaloClientError {
  return error instanceof HaloClientError && error.code === 'replica_crashed';
}
