import type { HaloAccount } from './account-api.ts';
import type { NoticeListener, PositionSource, PositionWatchOptions } from './geofence/position-source.ts';
import type { HaloMutations, Queued } from './mutations-api.ts';
import type { DeviceStore } from './platform/device-store.ts';

/**
 * How the device proves who it is: own account, no account, or tokens from elsewhere. Without `password` the session kept
 * in the store goes on; when there is none, or it has ended, the status says `login_required` and all that is
 * local still works.
 */
export type HaloAuth =
  | { readonly email: string; readonly password?: string }
  | {
      /**
       * Begins without an account: the server makes a person when it is first asked, so that nothing needs a network before.
       * Who holds the store is that person, and amends, withdraws and erases what was reported with it; `claim` makes an
       * account of him. A session that has ended cannot be had again: another person then sends what waits, and what was
       * reported before stays as it is.
       */
      readonly anonymous: true;
    }
  | {
      /** Called for each access token that is needed; rejects where there is none, and is asked again later. */
      readonly getToken: () => Promise<string>;
    };

/** A shape to keep in the replica, with its declared parameters. */
export interface ShapeSubscription {
  readonly name: string;
  readonly params?: Readonly<Record<string, string>>;
  /**
   * Look for news this often, in milliseconds (a second to a day), and when other shapes of this device have some,
   * instead of waiting for it all the time. A shape that waits holds a connection, and without HTTP/2 a browser has six to a
   * server, for all tabs and all else: let those wait whose news must show at once, and the others look.
   */
  readonly lookEveryMs?: number;
}

/** What `openHalo` is told. */
export interface HaloOptions {
  /** Origin of the server, e.g. `http://localhost:3000`. */
  readonly url: string;
  /** From `nodeStore(dir)` of `@halo/client/node` or `browserStore(name)` of `@halo/client/browser`. */
  readonly store: DeviceStore;
  readonly auth: HaloAuth;
  /**
   * Shapes besides `my_reports` and `my_mutations`, which are always kept. A view whose shape is not asked for shows
   * what is pending and nothing else. Tabs of one store share one replica, in
   * which a view holds what any of them asked for: name the region in the query, too.
   */
  readonly shapes: readonly ShapeSubscription[];
  /**
   * The version of the app, at most 40 characters: operators see it beside the device, with how many entries its outbox
   * holds and what is wrong with it.
   */
  readonly appVersion?: string;
}

/** Whether the server can be reached, as last proved by an answer or a failure. */
export type NetworkState = 'offline' | 'connecting' | 'online';
/** `stalled`: a request is under way but nothing has come for longer than the watchdog allows. */
export type StreamState = 'connecting' | 'live' | 'behind' | 'stalled' | 'refused';

/** How far the stream of one shape is. */
export interface StreamStatus {
  readonly shape: string;
  readonly state: StreamState;
  /** Position reached; undefined before the first snapshot is stored. */
  readonly offset: string | undefined;
  /**
   * WAL that the server had read and this stream had not at the last answer, in bytes: 0 at the log's end, undefined
   * while a snapshot is read. WAL of other tables counts, too.
   */
  readonly behindBytes: number | undefined;
  /** When the server last answered this stream. */
  readonly lastContactAt: Date | undefined;
  readonly error: StatusError | undefined;
  /** How its rows last compared with the server's; undefined before the first time. */
  readonly verification: ShapeVerification | undefined;
}

/** Whether a shape's rows are those of the server, or why that could not be told. */
export type VerificationOutcome = 'equal' | 'different' | 'not_compared';

/** How the rows of one shape compared with the server's, both at the same position of the shape's log. */
export interface ShapeVerification {
  readonly shape: string;
  readonly outcome: VerificationOutcome;
  /** The position; undefined before the first snapshot is stored. */
  readonly offset: string | undefined;
  /** Rows of the replica, without pending ones. */
  readonly device: number | undefined;
  /** Rows of the server; undefined where it did not say. */
  readonly server: number | undefined;
  /** Whether the rows are being fetched again; those in sight stay until then. */
  readonly rebuilt: boolean;
  readonly at: Date;
  /** Why they were not compared. */
  readonly error: StatusError | undefined;
}

/** What is wrong: a stable `code` to decide on, and a text to show. */
export interface StatusError {
  readonly code: string;
  readonly message: string;
}

/** How the device is, as one value that is replaced at each change. */
export interface HaloStatus {
  readonly network: NetworkState;
  readonly streams: readonly StreamStatus[];
  /**
   * `unavailable`: it could not be opened, or has crashed too often (`replica_crashed`); reporting and delivery still work,
   * and it is tried again when the client is opened next. `replica_gave_room`: it was deleted in all tabs, since there was no
   * other room for what must be kept; it is built anew then. With `ready`, `replica_full` and `replica_not_kept` say that what
   * it shows is current and not kept over a reload: there is no room, or the browser refuses; it is tried again.
   * Of a stream, `replica_full` and `replica_out_of_memory` say why its rows are not stored.
   */
  readonly replica: { readonly state: 'opening' | 'ready' | 'unavailable'; readonly error?: StatusError };
  /** How many entries it holds; a new object whenever some may have come or gone. */
  readonly outbox: { readonly pending: number; readonly rejected: number };
  /** Of the stream that is furthest behind; undefined while one of them does not know. */
  readonly behindBytes: number | undefined;
  /** When the server last answered anything. */
  readonly lastContactAt: Date | undefined;
  /** Why delivery or the log-in is refused, if it is. */
  readonly error: StatusError | undefined;
}

/** One entry of the outbox. */
export interface OutboxEntry {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly args: unknown;
  readonly state: 'pending' | 'rejected';
  /** Of a rejected entry: what the server said. */
  readonly rejection?: { readonly code: string; readonly message: string; readonly field?: string };
}

/** A part of the outbox: at most `limit` entries whose `seq` is above `after`. */
export interface OutboxPage {
  readonly limit: number;
  readonly after?: number;
}

/** One row of a query's answer, by column. */
export type QueryRow = Readonly<Record<string, unknown>>;
/** Ends a subscription. */
export type Unsubscribe = () => void;

/** An open device: its outbox, its replica and the streams that keep it current. */
export interface Halo extends HaloMutations, HaloAccount {
  /**
   * Queries the replica. What pending mutations do is merged into `my_reports`, `comments`, `my_watches` and
   * `incidents`, in whose rows `sync_state` is `queued` where it is not settled yet.
   */
  query<Row extends QueryRow = QueryRow>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Runs the query now and after each change of the replica that may alter it. */
  live<Row extends QueryRow = QueryRow>(
    sql: string,
    params: readonly unknown[],
    listener: (rows: Row[]) => void,
  ): Unsubscribe;
  /**
   * Gives notice when the device enters a place whose risk is at or over a threshold, or when the risk of the place that
   * it is in rises so far: once for each place and cool-down, in one tab, from what is on the device alone, without a
   * network too. Without `options.places` the places are the user's own watches, and their risk is what is forecast within
   * them (`WATCHED_FORECASTS`); `WATCHED_PLACES` goes by what has been reported there, and `FORECAST_CELLS` are all places of
   * which there is a forecast. What has been told is remembered over restarts, and forgotten at log-out.
   *
   * @param positions where positions come from: `browserPositions()` of `@halo/client/browser`, or any function.
   * @param listener hears of each notice, after it is durable on the device that it was given.
   * @param options.onError hears of what keeps it from telling, with a stable code.
   * @returns what ends the watch, and with it the source. Closing the client ends it, too.
   *
   * Throws `invalid_options` (also of more than 16 watches at once) and `closed`; what the source throws when it is
   * started is thrown on.
   */
  watchPosition(
    positions: PositionSource,
    listener: NoticeListener,
    options?: PositionWatchOptions,
  ): Unsubscribe;
  /** How the device is now. */
  status(): HaloStatus;
  /** Hears of each change of the status. */
  onStatus(listener: (status: HaloStatus) => void): Unsubscribe;
  readonly outbox: {
    /** All entries, pending and rejected, by `seq`; of a long queue, a page of them. */
    list(page?: OutboxPage): Promise<OutboxEntry[]>;
    /**
     * Sends a rejected entry again as a new mutation, with changes to what its method was given: of an amended report
     * its fields, and `version` (without it the one that the replica shows now). What was rejected only because this
     * one was (`depends_on_rejected`) is sent again behind it, with its new id.
     */
    resend(id: string, changes: Readonly<Record<string, unknown>>): Promise<Queued>;
    /** Drops a rejected entry. */
    discard(id: string): Promise<void>;
    /**
     * The id that the server knows this device by, `device_id` in the rows of `my_mutations`: it tells what this device
     * has sent from what the account's other devices have. Undefined until this device has looked whether it has
     * something to send; another one after a log-out that threw unsent mutations away, and where the server or this
     * device was put back from a backup.
     */
    deviceId(): Promise<string | undefined>;
  };
  /**
   * Compares the rows of each shape with the server's, exactly, whatever is written meanwhile, and fetches those that
   * differ again. Happens once a day by itself, too; `status()` keeps what came of it. Throws `replica_unavailable`,
   * `part_not_loaded`, and `no_answer` where the tab that streams does not tell.
   */
  verify(): Promise<ShapeVerification[]>;
  /** Resolves when nothing is pending: the outbox is empty or holds only rejected entries. Rejects on close. */
  whenSettled(): Promise<void>;
  /** Resolves when every stream is live. */
  whenLive(): Promise<void>;
  /**
   * Ends the session and removes the replica, also offline. Refuses with `unsent_mutations` while reports are
   * pending or rejected, unless told to discard them. What another tab queues meanwhile is kept for the next
   * log-in. `replica_not_removed` says that the session has ended but the replica is still there.
   */
  logout(options?: { readonly unsent?: 'discard' }): Promise<void>;
  /** Stops everything and closes the stores; pending mutations stay in the outbox. */
  close(): Promise<void>;
}
