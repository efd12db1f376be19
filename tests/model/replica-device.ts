import type { OutboxStore } from '../../client-sdk/outbox/outbox-store.ts';
import { PendingMutations } from '../../client-sdk/replica/pending/pending-mutations.ts';
import type { ReplicaDatabase, ReplicaTransaction } from '../../client-sdk/replica/replica-database.ts';
import type { Replica } from '../../client-sdk/replica/replica.ts';
import type { Subscription } from '../../client-sdk/replica/subscription.ts';
import type { ReplicaHandle } from '../../client-sdk/sync/replica-handle.ts';
import type { AuthorizedOutcome } from '../../client-sdk/sync/session.ts';
import { Streams } from '../../client-sdk/sync/streams.ts';

/** A request that waits for its answer. */
export interface PendingRequest {
  readonly shape: number;
  readonly query: URLSearchParams;
  answer(outcome: AuthorizedOutcome): void;
}

const EMPTY_OUTBOX = { pending: () => Promise.resolve([]) } as unknown as OutboxStore;

/**
 * The streams of one process on a database that others go on with. Answers come and waits end when the test says so;
 * the process dies after so many statements, in whatever it is then about, and does nothing more.
 */
export class ModelDevice {
  readonly pending: PendingRequest[] = [];
  readonly #subscriptions: readonly Subscription[];
  readonly #database: ReplicaDatabase;
  readonly #stop = new AbortController();
  readonly #sleeping = new Set<() => void>();
  readonly #streams: Streams;
  readonly #running: Promise<void>;
  #underWay = 0;
  #left = Infinity;

  constructor(database: ReplicaDatabase, subscriptions: readonly Subscription[], random: () => number) {
    this.#database = database;
    this.#subscriptions = subscriptions;
    const mortal = this.#mortal();
    const replica: Replica = {
      database: mortal,
      pending: new PendingMutations(mortal),
      query: () => Promise.reject(new Error('nobody asks')),
    };
    this.#streams = new Streams({
      url: 'http://localhost',
      subscriptions: () => subscriptions,
      replica: { opened: Promise.resolve(replica) } as unknown as ReplicaHandle,
      outbox: EMPTY_OUTBOX,
      board: { begins: () => {} },
      environment: { fetch, now: () => 0, random, sleep: (_ms, signal) => this.#sleep(signal) },
      request: ({ url, signal }) => this.#request(new URL(url), signal!),
      onState: () => {},
      onTables: () => {},
      onReplicaError: () => {},
    });
    this.#running = this.#streams.run(this.#stop.signal);
  }

  get isDead(): boolean {
    return this.#left <= 0;
  }

  /** It dies before the statement after so many more. */
  dieAfter(statements: number): void {
    this.#left = statements;
  }

  /** All waits are over. */
  wake(): void {
    for (const end of [...this.#sleeping]) end();
  }

  /** Resolves when nothing goes on by itself any more. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 4; still += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#underWay > 0) still = -1;
    }
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #sleep(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#sleeping.delete(end);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      if (signal?.aborted === true) return resolve();
      this.#sleeping.add(end);
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  #request(url: URL, signal: AbortSignal): Promise<AuthorizedOutcome> {
    const region = url.searchParams.get('region');
    const name = url.pathname.split('/').at(-1)!;
    const shape = this.#subscriptions.findIndex(
      ({ definition, params }) => definition.name === name && (params['region'] ?? null) === region,
    );
    return new Promise((resolve) => {
      if (signal.aborted) return resolve({ kind: 'aborted' });
      const settle = (outcome: AuthorizedOutcome) => {
        signal.removeEventListener('abort', leave);
        const index = this.pending.indexOf(request);
        if (index >= 0) this.pending.splice(index, 1);
        resolve(outcome);
      };
      const leave = () => settle({ kind: 'aborted' });
      const request: PendingRequest = { shape, query: url.searchParams, answer: settle };
      this.pending.push(request);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #mortal(): ReplicaDatabase {
    const database = this.#database;
    return {
      query: (sql, params) => this.#step(() => database.query(sql, params)),
      exec: (sql) => this.#step(() => database.exec(sql)),
      transaction: (work) =>
        this.#counted(async () => {
          const result = await database.transaction(async (tx) => {
            const done = await work(this.#mortalTransaction(tx));
            this.#live();
            return done;
          });
          // Committed, and nobody hears of it.
          this.#live();
          return result;
        }),
      close: () => Promise.resolve(),
    };
  }

  #mortalTransaction(tx: ReplicaTransaction): ReplicaTransaction {
    return {
      query: (sql, params) => this.#step(() => tx.query(sql, params)),
      exec: (sql) => this.#step(() => tx.exec(sql)),
      ...(tx.copy && { copy: (...given) => this.#step(() => tx.copy!(...given)) }),
    };
  }

  #step<T>(work: () => Promise<T>): Promise<T> {
    return this.#counted(async () => {
      this.#live();
      return work();
    });
  }

  #live(): void {
    if (this.isDead) throw new Error('the process is dead');
    this.#left -= 1;
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
    }
  }
}
