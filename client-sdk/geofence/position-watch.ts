import type { QueryRow, Unsubscribe } from '../api.ts';
import { HaloClientError, messageOf } from '../errors.ts';
import { loadPart } from '../load-part.ts';
import { callListener } from '../sync/call-listener.ts';
import type { DevicePosition, GeofenceRules, GeofenceStep, PlaceMemory, RiskNotice } from './geofence.ts';
import type { NoticeMemory } from './notice-memory.ts';
import type {
  NoticeListener,
  PositionSource,
  PositionWatchOptions,
  SourcePosition,
} from './position-source.ts';

/** What `WATCHED_FORECASTS` reads; its code is loaded when there is a position to be judged. */
const WATCHED_TABLES = 'my_watches, predictions';
const DEFAULT_RULES: GeofenceRules = { threshold: 0.5, coolDownMs: 3_600_000, maxAccuracyM: 200 };
/** How long a position stands for where the device is, when places change and no other has come. */
export const POSITION_GOOD_FOR_MS = 15 * 60_000;
/** Places that do not say how long they are good are stale when the server has not been heard of for this long. */
export const STALE_AFTER_MS = 3_600_000;

/** What a watch stands on. */
export interface WatchGround {
  readonly memory: NoticeMemory;
  readonly now: () => number;
  query(sql: string, params: readonly unknown[]): Promise<QueryRow[]>;
  /** Hears when what the SQL names may have changed. */
  onChange(sql: string, changed: () => void): Unsubscribe;
  /** Runs the work alone, among all tabs. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  lastContactAt(): Date | undefined;
}

/**
 * One watch: the newest position against the places as they are now. Of positions that come while one is looked at
 * only the last is kept, so that a source can be as fast as it likes.
 */
export class PositionWatch {
  readonly #ground: WatchGround;
  readonly #options: PositionWatchOptions;
  readonly #rules: GeofenceRules;
  readonly #listener: NoticeListener;
  readonly #offs: Unsubscribe[] = [];
  #position: DevicePosition | undefined;
  #isStale = false;
  #running: Promise<void> | undefined;
  #ended = false;

  constructor(ground: WatchGround, listener: NoticeListener, options: PositionWatchOptions) {
    this.#ground = ground;
    this.#listener = listener;
    this.#options = options;
    const { threshold, coolDownMs, maxAccuracyM } = options;
    this.#rules = {
      threshold: threshold ?? DEFAULT_RULES.threshold,
      coolDownMs: coolDownMs ?? DEFAULT_RULES.coolDownMs,
      maxAccuracyM: maxAccuracyM ?? DEFAULT_RULES.maxAccuracyM,
    };
  }

  /** Begins; what the source throws at its start is thrown on, and nothing is left running. */
  start(source: PositionSource): void {
    this.#offs.push(this.#ground.onChange(this.#options.places?.sql ?? WATCHED_TABLES, () => this.#look()));
    try {
      this.#offs.push(
        source(
          (position) => this.#told(position),
          (error) => this.#fail(error),
        ),
      );
    } catch (error) {
      this.end();
      throw error;
    }
    // The source may have ended it at once.
    if (this.#ended) this.end();
  }

  /** Takes no more positions and tells nothing any more. */
  end(): void {
    this.#ended = true;
    for (const off of this.#offs.splice(0)) callListener(off);
  }

  /** Resolves when nothing is under way. */
  async quiet(): Promise<void> {
    await this.#running;
  }

  #told({ lat, lon, accuracyM }: SourcePosition): void {
    if (this.#ended) return;
    if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 180)) {
      const message = `A position needs lat and lon in degrees; it was ${lat}, ${lon}.`;
      return this.#fail(new HaloClientError('invalid_position', message));
    }
    this.#position = { lat, lon, accuracyM, atMs: this.#ground.now() };
    this.#look();
  }

  #look(): void {
    this.#isStale = true;
    this.#running ??= this.#lookWhileStale().finally(() => (this.#running = undefined));
  }

  async #lookWhileStale(): Promise<void> {
    while (this.#isStale && !this.#ended) {
      this.#isStale = false;
      try {
        await this.#lookOnce();
      } catch (error) {
        this.#fail(asClientError(error));
      }
    }
  }

  async #lookOnce(): Promise<void> {
    const { exclusively, now, query, lastContactAt } = this.#ground;
    const last = this.#position;
    if (last === undefined || !(last.accuracyM <= this.#rules.maxAccuracyM)) return;
    const atMs = now();
    if (atMs - last.atMs > POSITION_GOOD_FOR_MS) return;
    const position = { ...last, atMs };
    const { WATCHED_FORECASTS, placesOf, stepGeofence } = await loadPart(() => import('./judge-places.ts'));
    const { sql, params } = this.#options.places ?? WATCHED_FORECASTS;
    const rows = await query(sql, params?.(position) ?? []);
    const freshUntilMs = (lastContactAt()?.getTime() ?? -Infinity) + STALE_AFTER_MS;
    const places = await placesOf(rows, freshUntilMs);
    const notices = await exclusively('notices', () =>
      this.#remember((before) => stepGeofence(before, places, position, this.#rules)),
    );
    for (const notice of notices) {
      if (!this.#ended) callListener(() => this.#listener(notice));
    }
  }

  /** What has been told is on the disk before it is told: a crash in between loses a notice and doubles none. */
  async #remember(step: (before: readonly PlaceMemory[]) => GeofenceStep): Promise<readonly RiskNotice[]> {
    const { memory } = this.#ground;
    const before = await memory.load(this.#name);
    const { notices, memory: after } = step(before);
    if (this.#ended) return [];
    if (!isSame(before, after)) await memory.save(this.#name, after);
    return notices;
  }

  get #name(): string {
    return this.#options.name ?? 'watch';
  }

  #fail(error: HaloClientError): void {
    const { onError } = this.#options;
    if (!this.#ended && onError !== undefined) callListener(() => onError(error));
  }
}

const isSame = (a: readonly PlaceMemory[], b: readonly PlaceMemory[]) =>
  JSON.stringify(a) === JSON.stringify(b);

function asClientError(error: unknown): HaloClientError {
  if (error instanceof HaloClientError) return error;
  return new HaloClientError('query_failed', messageOf(error), { cause: error });
}
