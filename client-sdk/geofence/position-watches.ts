import type { Unsubscribe } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import type { SettingsStore } from '../platform/device-store.ts';
import type { Tabs } from '../platform/tabs.ts';
import type { LiveQueries } from '../replica/live-queries.ts';
import type { ReplicaHandle } from '../sync/replica-handle.ts';
import type { StatusBoard } from '../sync/status-board.ts';
import { noticeMemory } from './notice-memory.ts';
import type { NoticeListener, PositionSource, PositionWatchOptions } from './position-source.ts';
import { PositionWatch } from './position-watch.ts';
import type { WatchGround } from './position-watch.ts';

/** Most watches of a client at once. */
const MAX_WATCHES = 16;

export interface PositionWatchesOptions {
  readonly account: string;
  readonly settings: SettingsStore;
  readonly tabs: Pick<Tabs, 'exclusively'>;
  readonly replica: Pick<ReplicaHandle, 'query'>;
  readonly live: Pick<LiveQueries, 'add'>;
  readonly board: Pick<StatusBoard, 'status'>;
  readonly now: () => number;
}

/** All position watches of an open client. */
export class PositionWatches {
  readonly #ground: WatchGround;
  readonly #watches = new Set<PositionWatch>();

  constructor({ account, settings, tabs, replica, live, board, now }: PositionWatchesOptions) {
    this.#ground = {
      memory: noticeMemory(settings, account),
      now,
      query: (sql, params) => replica.query(sql, params),
      // It is asked for nothing: what counts is that it would be asked again.
      onChange: (sql, changed) => live.add(sql, () => Promise.resolve([]), changed),
      exclusively: (name, work) => tabs.exclusively(name, work),
      lastContactAt: () => board.status().lastContactAt,
    };
  }

  /** Begins a watch. Throws `invalid_options` when there are too many, or a number of the options is none. */
  watch(source: PositionSource, listener: NoticeListener, options: PositionWatchOptions = {}): Unsubscribe {
    check(options);
    if (this.#watches.size >= MAX_WATCHES)
      throw invalid('', `there are ${MAX_WATCHES} position watches already`);
    const watch = new PositionWatch(this.#ground, listener, options);
    watch.start(source);
    this.#watches.add(watch);
    return () => {
      watch.end();
      // Forgotten when it is quiet, so that closing waits for what is under way.
      void watch.quiet().then(() => this.#watches.delete(watch));
    };
  }

  /** Ends all of them, and waits for what is under way. */
  async close(): Promise<void> {
    for (const watch of this.#watches) watch.end();
    await Promise.all([...this.#watches].map((watch) => watch.quiet()));
    this.#watches.clear();
  }
}

function check(options: PositionWatchOptions): void {
  for (const field of ['threshold', 'coolDownMs', 'maxAccuracyM'] as const) {
    const value = options[field];
    if (value !== undefined && !(value >= 0)) throw invalid(field, 'must be a number, and not negative');
  }
  if (options.name !== undefined && !/^[\w-]{1,64}$/.test(options.name)) {
    throw invalid('name', 'must be 1 to 64 letters, digits, hyphens or underscores');
  }
}

function invalid(field: string, reason: string): HaloClientError {
  return new HaloClientError('invalid_options', `watchPosition: ${field} ${reason}.`, { field });
}
