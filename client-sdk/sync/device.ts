import type { Halo, HaloOptions, HaloStatus, QueryRow, ShapeVerification, Unsubscribe } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';
import { forgetNotices } from '../geofence/notice-memory.ts';
import { PositionWatches } from '../geofence/position-watches.ts';
import type { Queued } from '../mutations-api.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import { Room } from '../outbox/room.ts';
import type { Tabs } from '../platform/tabs.ts';
import { LiveQueries } from '../replica/live-queries.ts';
import type { Subscription } from '../replica/subscription.ts';
import { AskingDevice } from './asking-device.ts';
import type { Environment } from './environment.ts';
import { createSession } from './create-session.ts';
import { knownDeviceId } from './device-identity.ts';
import { createHttp } from './http.ts';
import type { HttpClient } from './http.ts';
import { Leadership } from './leadership.ts';
import { logOut, refuseUnsent } from './log-out.ts';
import { MutationQueue } from './mutation-queue.ts';
import type { OwnAccountParts } from './own-account.ts';
import { ReplicaHandle } from './replica-handle.ts';
import { ReplicaRoom } from './replica-room.ts';
import type { Session } from './session.ts';
import { StatusBoard } from './status-board.ts';
import { SyncLoop } from './sync-loop.ts';
import { TabTalk } from './tab-talk.ts';
import { TabVerification } from './tab-verification.ts';
import { tellingBoard } from './telling-board.ts';

export interface DeviceParts {
  readonly options: HaloOptions;
  readonly account: string;
  readonly outbox: OutboxStore;
  readonly subscriptions: readonly Subscription[];
  readonly environment: Environment;
}

/** An open device: ties outbox, replica and sync loop together behind the public API. */
export class Device extends AskingDevice implements Halo {
  readonly #parts: DeviceParts;
  readonly #board: StatusBoard;
  readonly #http: HttpClient;
  readonly #session: Session;
  readonly #tabs: Tabs;
  readonly #talk: TabTalk;
  readonly #verification: TabVerification;
  readonly #live: LiveQueries;
  readonly #watches: PositionWatches;
  readonly #stop = new AbortController();
  readonly #replica: ReplicaHandle;
  readonly #room: ReplicaRoom;
  readonly #queue: MutationQueue;
  readonly #loop: SyncLoop;
  readonly #running: Promise<void>;
  readonly #ignoreNetwork: Unsubscribe;
  #closing: Promise<void> | undefined;

  readonly outbox: Halo['outbox'] = {
    list: async (page) => this.#open(this.#queue).list(page),
    resend: async (id, changes) => this.#open(this.#queue).resend(id, changes),
    discard: async (id) => this.#open(this.#queue).discard(id),
    deviceId: async () => knownDeviceId(this.#open(this.#parts).options.store.settings, this.#parts.account),
  };

  constructor(given: DeviceParts) {
    super();
    const parts = { ...given, outbox: new Room(() => this.#room.give()).outbox(given.outbox) };
    this.#parts = parts;
    const { options, account, outbox, subscriptions, environment } = parts;
    const { store } = options;
    const shapes = subscriptions.map(({ id }) => id);
    this.#board = new StatusBoard(shapes, environment.now);
    this.#http = tellingBoard(createHttp(environment), this.#board);
    const http = this.#http.request;
    this.#tabs = store.tabs(account);
    this.#session = createSession(parts, http, this.#tabs, this.#stop.signal);
    this.#talk = new TabTalk({
      tabs: this.#tabs,
      board: this.#board,
      subscriptions,
      environment,
      onOutbox: () => this.#outboxOfOthers(),
      onTables: (tables) => this.#shows(tables),
      onShapes: () => this.#loop.shapesChanged(),
      onResumed: () => this.#resume(),
      onLoggedOut: () => void this.#leave().catch((error: unknown) => this.#storeFailed(error)),
    });
    this.#live = new LiveQueries(
      (sql) => this.#replica.query(sql, []),
      (error) => this.#board.replicaFailed('live_query_failed', messageOf(error)),
    );
    this.#replica = new ReplicaHandle({ store, account, outbox, environment, board: this.#board });
    this.#room = new ReplicaRoom({
      ...{ store, account, environment, tabs: this.#tabs, replica: this.#replica },
      onGivenUp: () => this.#loop.shapesChanged(),
    });
    this.#watches = new PositionWatches({
      ...{ account, settings: options.store.settings, now: environment.now },
      ...{ tabs: this.#tabs, replica: this.#replica, live: this.#live, board: this.#board },
    });
    this.#queue = new MutationQueue({
      ...{ outbox, replica: this.#replica, now: environment.now, sleep: environment.sleep },
      onChange: () => this.#outboxChanged(),
      onQueued: () => this.#loop.outboxChanged(),
      onRows: (tables) => this.#tablesChanged(tables),
      onReplicaError: (error) => this.#board.replicaError(error),
    });
    void this.#countOutbox().catch((error: unknown) => this.#storeFailed(error));
    this.#loop = new SyncLoop({
      ...{ url: options.url, account, outbox, settings: store.settings, app: options },
      anonymous: 'anonymous' in options.auth,
      subscriptions: () => this.#toServe(),
      session: this.#session,
      http,
      environment,
      board: this.#board,
      replica: this.#replica,
      onTables: (tables) => this.#tablesChanged(tables),
      onOutbox: () => this.#outboxChanged(),
      onReplicaError: (error) => this.#board.replicaError(error),
    });
    this.#verification = new TabVerification({
      ...{ tabs: this.#tabs, environment, subscriptions, stop: this.#stop.signal },
      leads: () => this.#talk.leads,
      verify: () => this.#loop.verify(this.#stop.signal),
    });
    this.#ignoreNetwork = options.store.onNetwork((state) => this.#networkSays(state));
    const { signal } = this.#stop;
    const leadership = new Leadership({
      ...{ tabs: this.#tabs, talk: this.#talk, board: this.#board, environment, loop: this.#loop },
      // Whoever led before may have died before it said what it had settled.
      onTurn: () => this.#outboxChanged(),
    });
    this.#running = Promise.all([leadership.run(signal), this.#talk.run(signal)]).then(() => {});
  }

  protected override async queue(type: string, args: unknown): Promise<Queued> {
    return this.#open(this.#queue).queue(type, args);
  }

  protected override asking(): OwnAccountParts {
    const { account, options } = this.#open(this.#parts);
    const { url, store } = options;
    const [http, session, { signal }] = [this.#http.request, this.#session, this.#stop];
    return { url, store, account, http, session, signal };
  }

  async query<Row extends QueryRow = QueryRow>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.#open(this.#replica).query<Row>(sql, params);
  }

  live<Row extends QueryRow = QueryRow>(
    sql: string,
    params: readonly unknown[],
    listener: (rows: Row[]) => void,
  ): Unsubscribe {
    const run = () => this.query<Row>(sql, params);
    return this.#open(this.#live).add(sql, run, listener as (rows: QueryRow[]) => void);
  }

  watchPosition(...watch: Parameters<Halo['watchPosition']>): Unsubscribe {
    return this.#open(this.#watches).watch(...watch);
  }

  status(): HaloStatus {
    return this.#board.status();
  }

  onStatus(listener: (status: HaloStatus) => void): Unsubscribe {
    return this.#board.onStatus(listener);
  }

  async verify(): Promise<ShapeVerification[]> {
    return this.#open(this.#verification).verify();
  }

  async whenSettled(): Promise<void> {
    this.#open(this.#board);
    await this.#countOutbox();
    await this.#board.until(({ outbox }) => outbox.pending === 0, this.#stop.signal);
  }

  async whenLive(): Promise<void> {
    this.#open(this.#board);
    const settled = (status: HaloStatus) =>
      status.replica.state === 'unavailable' || status.streams.every(({ state }) => state === 'live');
    await this.#board.until(settled, this.#stop.signal);
    // Says why, when it is the replica that is missing.
    if (this.#board.status().replica.state === 'unavailable') await this.query('SELECT 1');
  }

  override async logout({ unsent }: { readonly unsent?: 'discard' } = {}): Promise<void> {
    this.#open(this.#board);
    const { outbox, options, account } = this.#parts;
    const discard = unsent === 'discard';
    if (!discard) refuseUnsent(await outbox.counts());
    // Closed meanwhile, it can no longer end the session, and must not seem to have done so.
    this.#open(this.#board);
    const { store } = options;
    const [session, queue, replica, talk] = [this.#session, this.#queue, this.#replica, this.#talk];
    let failure: unknown;
    // The client is closed whatever becomes of it.
    await this.#end((quiet) =>
      logOut({ account, store, session, queue, replica, talk, quiet }, discard).catch(
        (error: unknown) => void (failure = error),
      ),
    );
    if (failure !== undefined) throw failure as Error;
  }

  async close(): Promise<void> {
    await this.#end((quiet) => quiet.finally(() => this.#replica.close()));
  }

  /** Another tab has logged out. */
  async #leave(): Promise<void> {
    await this.#end(async (quiet) => {
      const { account, options } = this.#parts;
      // What this one had under way may have come after the other tab's forgetting.
      const alone = quiet.finally(() => forgetNotices(options.store.settings, account));
      await this.#session.endOwn().finally(() => alone.finally(() => this.#replica.close()));
    });
  }

  /**
   * Stops the loops, runs `last`, and closes the stores; the first caller's `last` counts. It is given what resolves
   * when nothing uses the replica any more, which may wait for a replica that opens slowly or never.
   */
  #end(last: (quiet: Promise<void>) => Promise<void>): Promise<void> {
    this.#closing ??= (async () => {
      this.#stop.abort(new HaloClientError('closed', 'The client has been closed.'));
      this.#ignoreNetwork();
      this.#talk.end();
      const quiet = this.#running.finally(() => this.#watches.close()).finally(() => this.#live.close());
      try {
        await last(quiet);
      } finally {
        await quiet
          .finally(() => this.#parts.outbox.close())
          .finally(() => this.#parts.options.store.close());
      }
    })();
    return this.#closing;
  }

  /** Never rejects: the change is durable, and whoever made it must not hear that it was not. */
  async #outboxChanged(): Promise<void> {
    this.#talk.outboxChanged();
    await this.#countOutbox().catch((error: unknown) => this.#storeFailed(error));
  }

  async #countOutbox(): Promise<void> {
    this.#board.outbox(await this.#parts.outbox.counts());
  }

  #tablesChanged(tables: readonly string[]): void {
    this.#shows(tables);
    this.#talk.tablesChanged(tables);
  }

  #shows(tables: readonly string[]): void {
    this.#board.replicaWorks();
    this.#live.changed(tables);
  }

  #outboxOfOthers(): void {
    if (this.#talk.leads) this.#loop.outboxChanged();
    void this.#countOutbox().catch((error: unknown) => this.#storeFailed(error));
  }

  #toServe(): readonly Subscription[] {
    const subscriptions = this.#talk.shapes.toServe();
    this.#board.serves(subscriptions.map(({ id }) => id));
    return subscriptions;
  }

  #networkSays(state: 'came' | 'went'): void {
    if (state === 'went') this.#board.network('offline');
    else if (this.#talk.leads) this.#resume();
    // The tab that leads may be hidden, and hear nothing of it.
    else this.#tabs.tell({ kind: 'resumed' });
  }

  /** Looks at once, and gives up what hangs. */
  #resume(): void {
    this.#loop.online();
    this.#http.resumed();
  }

  #storeFailed(error: unknown): void {
    if (!this.#stop.signal.aborted) this.#board.delivery({ code: 'store_failed', message: messageOf(error) });
  }

  /** The part, unless the client has been closed. */
  #open<Part>(part: Part): Part {
    if (this.#stop.signal.aborted) throw new HaloClientError('closed', 'The client has been closed.');
    return part;
  }
}
