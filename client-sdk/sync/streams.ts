import type { OutboxStore } from '../outbox/outbox-store.ts';
import { Committer } from '../replica/committer.ts';
import { pruneCursors } from '../replica/cursors.ts';
import { giveWay } from '../replica/pending/give-way.ts';
import { OPTIMISTIC_VIEWS } from '../replica/pending/optimistic-views.ts';
import { rebuildPending } from '../replica/replica.ts';
import { ensureSchema } from '../replica/schema.ts';
import type { Replica } from '../replica/replica.ts';
import { ReplicaSink } from '../replica/replica-sink.ts';
import type { Subscription } from '../replica/subscription.ts';
import { StreamDriver } from '../streams/stream-driver.ts';
import type { StreamMachine } from '../streams/stream-machine.ts';
import { retryDelayMs } from './backoff.ts';
import type { Environment } from './environment.ts';
import type { HttpRequest } from './http.ts';
import { linkedAbort } from './linked-abort.ts';
import type { LinkedAbort } from './linked-abort.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import type { AuthorizedOutcome } from './session.ts';
import type { StatusBoard } from './status-board.ts';

export interface StreamsOptions {
  readonly url: string;
  /** What is to be streamed from now on. */
  subscriptions(): readonly Subscription[];
  readonly replica: ReplicaHandle;
  readonly outbox: OutboxStore;
  readonly environment: Environment;
  readonly board: Pick<StatusBoard, 'begins'>;
  request(request: Omit<HttpRequest, 'token'>): Promise<AuthorizedOutcome>;
  onState(id: string, machine: StreamMachine): void;
  /** These views have other rows now. */
  onTables(tables: readonly string[]): void;
  /** Something asked of the replica has failed, of which no stream tells. */
  onReplicaError(error: unknown): void;
}

/** The streams of all subscriptions into one replica. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #drivers = new Map<string, StreamDriver>();
  /** Counts what makes the streams begin again. */
  #causes = 0;
  #round: LinkedAbort | undefined;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** The network has come back: all that wait look for news at once. */
  resumed(): void {
    for (const driver of this.#drivers.values()) driver.resumed();
  }

  /** Has a shape read anew; resolves when that is under way, false when nobody follows it. */
  async refetch(id: string): Promise<boolean> {
    const driver = this.#drivers.get(id);
    await driver?.refetch();
    return driver !== undefined;
  }

  /** Other subscriptions are to be streamed, or the replica is given up: all begin again, from where it stands, or end. */
  restart(): void {
    this.#causes += 1;
    this.#round?.abort();
  }

  /**
   * Runs until `signal` aborts. They begin again, from where the replica then stands, when another process has
   * taken it over, and later and later when it cannot be read; they end when it is given up.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { replica: handle, environment, board, onReplicaError } = this.#options;
    const replica = await handle.opened;
    if (replica === undefined) return;
    // Whoever ran the streams before may have died between any two steps, and the replica been taken over since.
    let rightSince: number | undefined;
    let takeovers = 0;
    const off = replica.database.onReplaced?.(() => {
      takeovers += 1;
      this.restart();
    });
    for (let failures = 0; !signal.aborted && (await handle.opened) !== undefined;) {
      const [causes, taken] = [this.#causes, takeovers];
      const round = linkedAbort(signal);
      this.#round = round;
      try {
        if (rightSince !== taken) await this.#setRight(replica);
        rightSince = taken;
        await this.#runRound(replica, round);
        failures = 0;
      } catch (error) {
        if (this.#causes === causes) {
          failures += 1;
          onReplicaError(error);
          await environment.sleep(retryDelayMs(failures, environment.random()), signal);
        }
      } finally {
        round.unlink();
      }
    }
    off?.();
    // Nothing of what they reached is here any more.
    if (!signal.aborted) board.begins();
  }

  /**
   * Makes the optimistic rows those of the outbox again, and shows what the replica holds now. Its tables, too: whoever made
   * them may have ended before they were written.
   */
  async #setRight(replica: Replica): Promise<void> {
    const { outbox, onTables } = this.#options;
    await ensureSchema(replica.database);
    await rebuildPending(replica, outbox);
    const shapes = this.#options.subscriptions().map(({ definition }) => definition.name);
    onTables([...new Set([...shapes, ...OPTIMISTIC_VIEWS.keys()])]);
  }

  /** Runs all of them until the round is aborted; when one cannot go on, all end, and then this rejects. */
  async #runRound(replica: Replica, round: LinkedAbort): Promise<void> {
    const { onTables } = this.#options;
    const { database } = replica;
    const subscriptions = this.#options.subscriptions();
    if (await pruneCursors(database, subscriptions))
      onTables(subscriptions.map(({ definition }) => definition.name));
    const committer = this.#committer(replica);
    const close = () => committer.close();
    round.signal.addEventListener('abort', close, { once: true });
    try {
      const session = crypto.randomUUID();
      const starts: (() => Promise<void>)[] = [];
      for (const subscription of subscriptions) {
        const sink = new ReplicaSink(database, committer, subscription);
        const from = await sink.resume();
        const driver = this.#driver(subscription, sink, session);
        this.#drivers.set(subscription.id, driver);
        starts.push(() => driver.run(from, round.signal));
      }
      if (round.signal.aborted) close();
      const runs = starts.map((start) => start());
      for (const run of runs) run.catch(() => round.abort());
      await Promise.allSettled(runs);
      await Promise.all(runs);
    } finally {
      // Also where a later stream could not be resumed: those before it have joined already.
      close();
      this.#drivers.clear();
    }
  }

  #committer({ database }: Replica): Committer {
    const { environment, onTables } = this.#options;
    return new Committer({
      database,
      sleep: environment.sleep,
      nudge: (ids) => ids.forEach((id) => this.#drivers.get(id)?.nudge()),
      onCommit: onTables,
      afterRows: async (tx, tables) =>
        tables.some((table) => table === 'my_mutations' || OPTIMISTIC_VIEWS.has(table)) ? giveWay(tx) : [],
    });
  }

  #driver(
    { id, definition, params, lookEveryMs }: Subscription,
    sink: ReplicaSink,
    session: string,
  ): StreamDriver {
    const { url, environment, request, onState } = this.#options;
    return new StreamDriver({
      url,
      shape: { name: definition.name, params },
      lookEveryMs,
      session,
      sink,
      environment,
      get: (target, signal) => request({ method: 'GET', url: target, signal }),
      onState: (machine) => onState(id, machine),
    });
  }
}
