/** What is read of Postgres, each part for itself. */
export const FACT_PARTS = ['slots', 'feeds', 'jobs', 'runs', 'champions', 'outboxes', 'stalled'] as const;
export type FactPart = (typeof FACT_PARTS)[number];

/** What lies in Postgres, the same for all instances. A part is undefined where it could not be read. */
export interface SharedFacts extends Record<FactPart, unknown> {
  readonly slots: readonly SlotFacts[] | undefined;
  readonly feeds: readonly FeedFacts[] | undefined;
  readonly jobs: readonly JobFacts[] | undefined;
  readonly runs: readonly RunFacts[] | undefined;
  readonly champions: ChampionFacts | undefined;
  readonly outboxes: OutboxFacts | undefined;
  /** Devices that are there and get no further, those for longest first; undefined where that could not be read in time, or it is too early. */
  readonly stalled: readonly StalledDevice[] | undefined;
}

/** A device that was owed something all the while, asked again and again, and got no further. */
export interface StalledDevice {
  readonly id: string;
  /** What it is about, as the inspector calls it. */
  readonly reason: string;
  readonly shape: string | undefined;
  readonly sinceMs: number;
}

/** A replication slot of an instance. */
export interface SlotFacts {
  readonly name: string;
  readonly active: boolean;
  /** Of Postgres: `reserved`, `extended`, `unreserved` or `lost`. */
  readonly walStatus: string | null;
  /** WAL that is kept for it, in bytes; null where none is left. */
  readonly retainedBytes: number | null;
  /** How much may still be written before its WAL goes, in bytes; null without a limit. */
  readonly safeBytes: number | null;
  /** `max_slot_wal_keep_size` in bytes; null for none. */
  readonly limitBytes: number | null;
}

/** A feed that is to be polled. */
export interface FeedFacts {
  readonly feed: string;
  /** When a poll last gave an answer that could be used. */
  readonly lastGoodAt: Date | null;
  /** Polls since then that gave none, on whatever instance; no more than a few are counted. */
  readonly failedSince: number;
  /** Why the last poll gave none; null where it did. */
  readonly lastReason: string | null;
  /** Polls of the last 24 hours by outcome, and items that they changed. */
  readonly polls: Readonly<Record<string, number>>;
  readonly items: Readonly<Record<'new' | 'changed' | 'withdrawn', number>>;
}

/** When a job last ran, on whatever instance. */
export interface JobFacts {
  readonly job: string;
  readonly beganAt: Date;
  readonly hasEnded: boolean;
  /** Until when it could not begin again: later than its begin where somebody had it run by hand. */
  readonly busyUntil: Date;
}

/** How a run may have ended. */
export const RUN_STATES = ['succeeded', 'failed', 'abandoned'] as const;

/** How a job that keeps records fares. */
export interface RunFacts {
  readonly job: string;
  /** The newest run that has ended, or whose process is gone. */
  readonly state: (typeof RUN_STATES)[number];
  readonly finishedAt: Date;
  readonly errorCode: string | null;
  readonly lastSucceededAt: Date | null;
}

/** The trained models that speak, and what they have said. */
export interface ChampionFacts {
  readonly trained: number;
  /** Of the one that has learnt nothing for longest; null where none is trained. */
  readonly oldestCutOff: Date | null;
  /** Series in which another speaks because the model before it could not be used. */
  readonly fallenBack: number;
  /** When the predictions in force were computed; null where there are none. */
  readonly computedAt: Date | null;
}

/** How long the oldest entry of an outbox has waited, in classes. */
export const OUTBOX_AGES = ['under_10_min', 'under_1_h', 'under_1_d', 'over_1_d'] as const;

/** What waits on devices, as each last said. */
export interface OutboxFacts {
  readonly pending: number;
  readonly rejected: number;
  /** Devices on which something waits, by how long their oldest entry has waited by now. */
  readonly devices: Readonly<Record<(typeof OUTBOX_AGES)[number], number>>;
}

/** What only the instance itself knows. */
export interface InstanceFacts {
  readonly postgresAnswers: boolean;
  /** What alerts are made of and could not be read, or written, though Postgres answers. */
  readonly unread: readonly string[];
  /** It could not write shared alerts when it last had their lease, and another instance has had it since. */
  readonly isUntried: boolean;
  /** Undefined where it does not replicate. */
  readonly replication:
    | {
        readonly state: 'live' | 'behind' | 'silent' | 'disconnected' | 'postgres_down';
        readonly seconds: number;
      }
    | undefined;
  /** Of the last minutes; not whole while it has not been counted for that long. */
  readonly answered: { readonly total: number; readonly failed: number; readonly isWhole: boolean };
  /** Of log-ins that follow a shape; not whole while it has not been listened for as long as silent ones are remembered. */
  readonly sessions: { readonly present: number; readonly silent: number; readonly isWhole: boolean };
}

/** Bounds beyond which something is wrong. */
export interface AlertLimits {
  /** Of the WAL that Postgres would keep for a slot: bad from the one share on, well up to the other. */
  readonly slotBadShare: number;
  readonly slotGoodShare: number;
  /** What is kept at most where Postgres has no limit, in bytes: the disk has one. */
  readonly slotFallbackBytes: number;
  /** A feed is silent when it has given nothing at so many of its ticks, and for so long. */
  readonly feedIntervals: number;
  readonly feedSilentMs: number;
  /** A job that did not begin for this long after it was due is overdue. */
  readonly overdueMs: number;
  /** A champion that has learnt nothing for longer is old. */
  readonly championMs: number;
  /** Requests in the window below which a share of errors says little, and the shares. */
  readonly errorRequests: number;
  readonly errorBadShare: number;
  readonly errorGoodShare: number;
  /** Sessions that fell silent at once, at least. */
  readonly silentSessions: number;
  /** A device that got no further for this long, though it asked, is stalled. */
  readonly stalledMs: number;
}

export const ALERT_LIMITS: AlertLimits = {
  slotBadShare: 0.75,
  slotGoodShare: 0.6,
  slotFallbackBytes: 10 * 1024 ** 3,
  feedIntervals: 6,
  feedSilentMs: 15 * 60_000,
  overdueMs: 15 * 60_000,
  championMs: 63 * 24 * 3_600_000,
  errorRequests: 20,
  errorBadShare: 0.05,
  errorGoodShare: 0.02,
  silentSessions: 5,
  stalledMs: 5 * 60_000,
};
