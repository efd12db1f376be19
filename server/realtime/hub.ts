import { MAX_CLIENT_MESSAGE_BYTES } from '@halo/shapes/protocol/realtime.ts';
import { formatOffset } from '@halo/shapes/protocol/offset.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import { WebSocketServer } from 'ws';
import type { Caller, IdentifyCaller, OpenSessions } from '../auth/identity.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import { Gate } from '../platform/gate.ts';
import type { Logger } from '../platform/logger.ts';
import { supervise } from '../platform/service.ts';
import type { Supervised } from '../platform/service.ts';
import type { TakenConnection } from '../platform/upgrade.ts';
import type { ShapeEngine } from '../shape-engine/shape-engine.ts';
import { ChangeFrames } from './change-frames.ts';
import type { Match } from './change-frames.ts';
import { Client, notReady } from './client.ts';
import type { ClientParts } from './client.ts';
import { Feed } from './feed.ts';
import type { IncidentChange } from './incident-change.ts';
import { incidentLog } from './incident-log.ts';
import type { PredictionDigest } from './prediction-digest.ts';
import { predictionFeed } from './prediction-feed.ts';
import { SOCKET_BOUNDS, SocketLimits } from './socket-limits.ts';
import type { SocketBounds } from './socket-limits.ts';
import { newsFor } from './subscription.ts';
import { SubscriptionIndex } from './subscription-index.ts';
import { CLOSE_REASONS, MAX_BUFFERED_BYTES, Wire } from './wire.ts';
import type { CloseReason } from './wire.ts';

/** Times of a socket's life, in milliseconds. */
export interface RealtimeTimes {
  /** Each socket is told that the server is there, and asked whether its peer is. */
  readonly heartbeatMs: number;
  /** How often tokens and stalled sockets are looked for. */
  readonly lookMs: number;
  /** A socket whose peer takes nothing for this long is closed. */
  readonly stallAfterMs: number;
  /** A token must have come by then. */
  readonly authWithinMs: number;
  /** Sockets get this long to say farewell when the server stops. */
  readonly drainMs: number;
}

const TIMES: RealtimeTimes = {
  heartbeatMs: 25_000,
  lookMs: 2_000,
  stallAfterMs: 60_000,
  authWithinMs: 10_000,
  drainMs: 2_000,
};
/** Parts of the log that may be in memory at once for sockets that catch up, and sockets that wait for that. */
const MAX_CATCHING_UP = 4;
const MAX_CATCH_UP_QUEUE = 20_000;
/** Longest stretch of telling of predictions before others get their turn, in milliseconds. */
const MAX_STRETCH_MS = 10;

export interface HubOptions {
  readonly engine: ShapeEngine;
  /** The shape whose columns are told, to whoever may read it. */
  readonly definition: ShapeDefinition;
  readonly identify: IdentifyCaller;
  readonly openSessions: OpenSessions;
  readonly isArea: (code: string) => boolean;
  /** Code of the county that an area lies in. */
  readonly countyOf: (area: string) => string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bounds?: SocketBounds;
  readonly times?: Partial<RealtimeTimes>;
  /** Bytes that may wait in one socket. */
  readonly maxBufferedBytes?: number;
}

/** Counts of the sockets. */
export interface HubStatus {
  readonly open: number;
  /** Those of them that are being closed: their peers have not answered yet. */
  readonly closing: number;
  /** Subscriptions that are told of changes as they come. */
  readonly live: number;
  readonly sent: number;
  readonly closed: Readonly<Record<CloseReason, number>>;
}

/** All sockets: tells each change to those that it concerns, and looks after them by two timers for all. */
export class Hub {
  readonly #times: RealtimeTimes;
  readonly #options: HubOptions;
  readonly #limits: SocketLimits;
  readonly #index = new SubscriptionIndex<Client>();
  readonly #clients = new Map<Client, Wire>();
  readonly #ending = new Set<Promise<void>>();
  readonly #feed: Feed<IncidentChange>;
  readonly #following: readonly Supervised[];
  readonly #parts: ClientParts;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
  });
  readonly #closed = Object.fromEntries(CLOSE_REASONS.map((reason) => [reason, 0])) as Record<
    CloseReason,
    number
  >;
  #sent = 0;
  #stopping = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#limits = new SocketLimits(options.bounds ?? SOCKET_BOUNDS);
    const log = incidentLog(options.engine, options.definition);
    const { logger } = options;
    this.#feed = new Feed({
      what: 'incidents',
      log,
      logger,
      tell: (change) => this.#tell(change),
      lost: () => this.#closeAll('refetch', 'fetch the incidents again'),
    });
    const forecasts = predictionFeed(options.engine, logger, (digest) =>
      this.#track(this.#tellPredictions(digest)),
    );
    this.#following = [supervise(this.#feed, logger), supervise(forecasts, logger)];
    const gate = new Gate('sockets catching up', MAX_CATCHING_UP, MAX_CATCH_UP_QUEUE);
    const told = () => this.#feed.place;
    this.#parts = { ...options, limits: this.#limits, index: this.#index, log, gate, told };
    this.#timers = [
      setInterval(() => this.#look(), this.#times.lookMs),
      setInterval(() => this.#heartbeat(), this.#times.heartbeatMs),
    ];
  }

  /**
   * Counts a socket that is to be opened from `address`; the returned function gives the place back. Fails with 503
   * `shutting_down`, `replication_behind` or `too_many_sockets`, or 429 `rate_limited`.
   */
  reserve(address: string): () => void {
    if (this.#stopping) throw new HaloError('shutting_down', 'The server is stopping.', { status: 503 });
    if (this.#feed.place === undefined) throw notReady();
    return this.#limits.open(address);
  }

  /** Opens the socket on a connection whose request was checked, and calls `release` when it is closed. */
  open({ request, socket, head }: TakenConnection, caller: Caller | undefined, release: () => void): void {
    // Where the connection is gone already the library does nothing, and says nothing.
    socket.once('close', release);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const wire: Wire = new Wire(
        webSocket,
        socket,
        {
          onText: (text) => client.take(text),
          onBinary: () => client.take(undefined),
          onSent: () => (this.#sent += 1),
          onClosed: (reason) => this.#end(client, reason),
        },
        this.#options.maxBufferedBytes ?? MAX_BUFFERED_BYTES,
      );
      const client: Client = new Client(this.#parts, wire);
      this.#clients.set(client, wire);
      if (this.#stopping) wire.close('restart', 'the server stops');
      else if (caller !== undefined) client.admit(caller);
    });
  }

  status(): HubStatus {
    return {
      open: this.#clients.size,
      closing: [...this.#clients.values()].filter((wire) => wire.closing).length,
      live: this.#index.size,
      sent: this.#sent,
      closed: { ...this.#closed },
    };
  }

  /** Ends what is told and closes all sockets: `restart`, they come back at their offsets. */
  async close(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#closeAll('restart', 'the server stops');
    await Promise.all(this.#following.map((each) => each.stop()));
    const cutAt = performance.now() + this.#times.drainMs;
    while (this.#clients.size > 0 && performance.now() < cutAt) await pause();
    for (const wire of this.#clients.values()) wire.cut();
    while (this.#clients.size > 0) await pause();
    await Promise.all(this.#ending);
  }

  #tell(change: IncidentChange): void {
    const told = new Map<Client, Match[]>();
    for (const subscription of this.#index.candidates(change)) {
      const operation = newsFor(subscription, change);
      if (operation === undefined) continue;
      const match = { id: subscription.filter.id, operation };
      const matches = told.get(subscription.owner);
      if (matches === undefined) told.set(subscription.owner, [match]);
      else matches.push(match);
    }
    if (told.size === 0) return;
    const frames = new ChangeFrames(change);
    for (const [client, matches] of told) client.tell(frames.of(matches), change.offset);
  }

  /** In stretches: thousands of circles are to be looked at, each for a moment. */
  async #tellPredictions(digest: PredictionDigest): Promise<void> {
    let endsAt = performance.now() + MAX_STRETCH_MS;
    for (const client of this.#clients.keys()) {
      client.tellPredictions(digest);
      if (performance.now() < endsAt) continue;
      await new Promise((resolve) => setImmediate(resolve));
      endsAt = performance.now() + MAX_STRETCH_MS;
    }
  }

  /** Has the hub wait for something when it is closed. */
  #track(work: Promise<void>): void {
    const ending = work.finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #look(): void {
    const { stallAfterMs, authWithinMs } = this.#times;
    for (const [client, wire] of this.#clients) {
      if (wire.stalledMs() > stallAfterMs) wire.close('stalled', 'nothing was taken');
      else client.access.look(authWithinMs);
    }
  }

  #heartbeat(): void {
    const place = this.#feed.place;
    const frame = (offset: string | null) => Buffer.from(JSON.stringify({ type: 'heartbeat', offset }));
    const without = frame(null);
    const withPlace = place === undefined ? without : frame(formatOffset(place.offset));
    for (const [client, wire] of this.#clients) {
      if (!wire.ask()) wire.cut();
      else if (client.access.isKnown) client.heartbeat(withPlace, without);
    }
  }

  #closeAll(reason: 'restart' | 'refetch', why: string): void {
    for (const wire of this.#clients.values()) wire.close(reason, why);
  }

  #end(client: Client, reason: CloseReason): void {
    this.#clients.delete(client);
    this.#closed[reason] += 1;
    this.#track(client.end());
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
