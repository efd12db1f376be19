import { z } from 'zod';
import { ROLES } from './auth.ts';
import { deviceCountsSchema, personSchema } from './inspector-devices.ts';

/**
 * Routes of the inspector, for operators; all but the two POSTs are GETs and change nothing, but for the entry that a look at somebody's rows or
 * at what his mutation asked for leaves in the audit log, once an hour.
 *
 * | route | answer |
 * |---|---|
 * | `GET /api/v1/admin/sync` | `overviewSchema` |
 * | `GET /api/v1/admin/sync/devices` (`state`, `q`, `userId`, `cursor`, `limit`) | `deviceListSchema` |
 * | `GET /api/v1/admin/sync/devices/{id}` | `deviceDetailSchema` |
 * | `GET /api/v1/admin/sync/devices/{id}/events` (`cursor`, `limit`) | `deviceEventListSchema` |
 * | `GET /api/v1/admin/sync/devices/{id}/rows` (`shape`, `cursor`, `limit`) | `deviceRowsSchema` |
 * | `GET`, `POST /api/v1/admin/sync/devices/{id}/checks` | `deviceCheckListSchema`, `deviceCheckSchema` |
 * | `GET /api/v1/admin/sync/mutations` (`status`, `code`, `type`, `userId`, `deviceId`, `cursor`, `limit`) | `mutationListSchema` |
 * | `GET /api/v1/admin/sync/mutations/{id}` | `mutationDetailSchema` |
 * | `GET /api/v1/admin/sync/shapes` | `shapeListSchema` |
 * | `GET /api/v1/admin/sync/replication` | `replicationSchema` |
 * | `GET /api/v1/admin/sync/history` (`from`, `to`, `step`) | `syncHistorySchema` (`sync-history.ts`) |
 * | `GET /api/v1/admin/feeds` | `feedListSchema` |
 *
 * Jobs and models are `GET /api/v1/admin/jobs` and `…/models` (`predictions.ts`). A device answers a check with
 * `POST /v1/devices/{id}/checks/{checkId}` (`device-report.ts`). While Postgres is away every route answers 503
 * `database_unavailable`, and `/ready` says so without an account.
 */
export const INSPECTOR_PREFIX = '/api/v1/admin/sync';

const time = z.iso.datetime();
const count = z.number().int().nonnegative();
/** Seconds, by the database's clock when it was asked. */
const seconds = z.number().nonnegative();

/** A settled mutation. */
export const settledMutationSchema = z.object({
  id: z.uuid(),
  deviceId: z.uuid(),
  seq: z.number().int().positive(),
  user: personSchema,
  type: z.string(),
  status: z.enum(['applied', 'rejected']),
  code: z.string().nullable(),
  message: z.string().nullable(),
  field: z.string().nullable(),
  /** `createdAt` as the device claimed it, and whether its clock is to be doubted. */
  claimedAt: time,
  clockSuspect: z.boolean(),
  settledAt: time,
});

/** Answer of `GET /api/v1/admin/sync/mutations`, newest first. */
export const mutationListSchema = z.object({
  mutations: z.array(settledMutationSchema),
  nextCursor: z.string().nullable(),
});

/**
 * Answer of `GET /api/v1/admin/sync/mutations/{id}`. Nobody can send it again in the user's name, nor turn a rejection into
 * another answer: what is settled stays. The author sees the rejection, changes it and sends a new mutation.
 */
export const mutationDetailSchema = settledMutationSchema.extend({
  txid: z.string().regex(/^\d+$/),
  /** What the device asked for. Exact positions are coarsened. */
  args: z.unknown(),
  result: z.record(z.string(), z.unknown()).nullable(),
  redacted: z.boolean(),
});

/** What one instance has of a shape now; all of it is cache. */
const shapeOnInstanceSchema = z.object({
  instance: z.string(),
  /** How old this is: an instance that has stopped tells nothing new. */
  reportedSecondsAgo: seconds,
  /** Views of the shape, one for each set of parameters and each person; readers that wait for news of them. */
  views: count,
  waiting: count,
  /** Snapshots that are ready: their rows and bytes together. */
  snapshots: count,
  snapshotRows: count,
  snapshotBytes: count,
  /** Encoded messages kept in memory for live readers. */
  tailBytes: count,
  /** When one of its views last had something new; null since the start. */
  lastChangeAt: time.nullable(),
  /** Since the start of the instance: messages encoded for it, their bytes, and snapshots made with the time they took. */
  messages: count,
  messageBytes: count,
  snapshotsMade: count,
  snapshotSeconds: seconds,
});

/** One view of a shape, of those with most readers. */
const shapeViewSchema = z.object({
  instance: z.string(),
  /** The handle, without the part that names a snapshot: the shape's identity. */
  handle: z.string(),
  /** Values of its parameters; a person's own id is left out. */
  params: z.array(z.string()),
  waiting: count,
  snapshotRows: count.nullable(),
  snapshotBytes: count.nullable(),
  snapshotAgeSeconds: seconds.nullable(),
  tailBytes: count,
  lastChangeAt: time.nullable(),
  lastUsedSecondsAgo: seconds,
});

/** Answer of `GET /api/v1/admin/sync/shapes`. */
export const shapeListSchema = z.object({
  shapes: z.array(
    z.object({
      name: z.string(),
      table: z.string(),
      columns: z.array(z.object({ name: z.string(), type: z.string() })),
      where: z.string().nullable(),
      params: z.array(z.string()),
      readers: z.array(z.enum(ROLES)),
      personal: z.boolean(),
      /** Postgres's own estimate of the table; null while it has none. */
      tableRows: count.nullable(),
      /** The table's size in bytes, with its indexes. */
      tableBytes: count,
      /** Devices that follow it, as their last requests say. */
      devices: count,
      instances: z.array(shapeOnInstanceSchema),
      views: z.array(shapeViewSchema),
    }),
  ),
  /** Another server answers the named shapes (`ELECTRIC_URL`): their state is there. */
  upstream: z.boolean(),
});

/** How replication of an instance fares. `gone`: the instance has told nothing for so long that it must have stopped. */
export const INSTANCE_STATES = ['live', 'behind', 'silent', 'disconnected', 'postgres_down', 'gone'] as const;

/** The slot of an instance, as Postgres has it. */
const slotSchema = z.object({
  name: z.string(),
  active: z.boolean(),
  /** `reserved`, `extended`, `unreserved` or `lost`, as in `pg_replication_slots`. */
  walStatus: z.string().nullable(),
  confirmedLsn: z.string().nullable(),
  /** WAL that Postgres keeps for it, and what may still be written before it is lost; null without a limit. */
  retainedBytes: count,
  safeBytes: z.number().int().nullable(),
});

/** One instance of the server. */
const instanceSchema = z.object({
  id: z.string(),
  host: z.string().nullable(),
  version: z.string().nullable(),
  /** The one that answers. */
  self: z.boolean(),
  state: z.enum(INSTANCE_STATES),
  reason: z.object({ text: z.string(), textSv: z.string() }),
  /** How old its own word is. */
  reportedSecondsAgo: seconds.nullable(),
  lag: z.object({
    /** Null while it is not known: never 0 for want of knowledge. */
    bytes: count.nullable(),
    /** Age of the last moment at which the log had everything: 0 while it has, and it grows while nobody knows. */
    seconds: seconds.nullable(),
    /** Age of the last proof: a position that came back through the WAL and reached the end that Postgres told of. */
    provedSecondsAgo: seconds.nullable(),
    /** Age of Postgres's last word on the stream. */
    contactSecondsAgo: seconds.nullable(),
  }),
  /** LSN up to which the log has the WAL, and bytes of the log that were not handed to shapes yet. */
  position: z.string().nullable(),
  undispatchedBytes: count.nullable(),
  log: z.object({ bytes: count, startLsn: z.string(), epoch: z.string() }).nullable(),
  /** Null where there is none: its instance makes it when it starts. */
  slot: slotSchema.nullable(),
});

/**
 * `failed`: the stream ended with an error. `reset`: the log was begun anew, and every device fetches its shapes again; the
 * code says why: `slot_lost`, `slot_missing`, `epoch_changed`, `database_rolled_back`, `log_behind_slot`, `first_start`.
 */
export const REPLICATION_EVENT_KINDS = ['started', 'failed', 'reset'] as const;

/** Answer of `GET /api/v1/admin/sync/replication`. */
export const replicationSchema = z.object({
  /** Where Postgres's WAL ends. */
  headLsn: z.string(),
  epoch: z.object({ id: z.uuid(), since: time }),
  instances: z.array(instanceSchema),
  /** Newest first, at most 50. */
  events: z.array(
    z.object({
      at: time,
      instance: z.string(),
      kind: z.enum(REPLICATION_EVENT_KINDS),
      code: z.string(),
      message: z.string().nullable(),
      times: z.number().int().positive(),
    }),
  ),
});

/** One poll of a feed. */
const pollSchema = z.object({
  startedAt: time,
  finishedAt: time,
  outcome: z.enum(['applied', 'unchanged', 'anomalous', 'failed']),
  reason: z.string().nullable(),
  httpStatus: z.number().int().nullable(),
  items: count,
  itemsNew: count,
  itemsChanged: count,
  itemsWithdrawn: count,
});

/** Answer of `GET /api/v1/admin/feeds`. */
export const feedListSchema = z.object({
  feeds: z.array(
    z.object({
      feed: z.string(),
      /** `well`: the last poll was good. `failing`: it was not. `overdue`: none has been finished for much longer than usual. */
      state: z.enum(['well', 'failing', 'overdue']),
      /** The last one that was applied or had nothing new; null where none ever was. */
      lastGoodAt: time.nullable(),
      lastGoodSecondsAgo: seconds.nullable(),
      /** Items that are known, and those that were withdrawn. */
      items: count,
      withdrawn: count,
      /** Of the last 24 hours. */
      day: z.object({
        polls: count,
        anomalous: count,
        failed: count,
        itemsNew: count,
        itemsChanged: count,
        itemsWithdrawn: count,
      }),
      /** Newest first, at most 20. */
      polls: z.array(pollSchema),
    }),
  ),
});

/**
 * What the whole of it looks like, the worst last. `needs_a_look`: an alert of warning is open, or most devices fell
 * silent together. `needs_action`: a critical alert is open. `replication_down`: an instance does not follow Postgres.
 */
export const VERDICTS = [
  'well',
  'needs_a_look',
  'devices_need_a_look',
  'replication_behind',
  'needs_action',
  'replication_down',
] as const;

/** How a finding is to be taken. `note`: good to know, and nothing wrong by itself. */
export const FINDING_SEVERITIES = ['critical', 'warning', 'note'] as const;

/** One thing that was found, in a sentence. */
const findingSchema = z.object({
  /** An open alert's is `alert_` and its name. */
  code: z.string(),
  severity: z.enum(FINDING_SEVERITIES),
  text: z.string(),
  textSv: z.string(),
  /** The open alert that it is, of `GET /api/v1/admin/alerts`; null where it is none. */
  alertId: z.uuid().nullable(),
});

/** Answer of `GET /api/v1/admin/sync`: what is to be seen at a glance. */
export const overviewSchema = z.object({
  at: time,
  verdict: z.enum(VERDICTS),
  /** Since when it says so, to the minute; null while it has not been written down. */
  since: time.nullable(),
  /** Open alerts first, then the worst. Where all is well there are notes at most; where it is not, one says why. */
  findings: z.array(findingSchema),
  devices: deviceCountsSchema,
  /** Of all devices, as last reported. */
  outbox: z.object({ pending: count, rejected: count, stuckDevices: count }),
  mutations: z.object({ appliedLastHour: count, rejectedLastHour: count }),
  instances: z.array(
    z.object({
      id: z.string(),
      state: z.enum(INSTANCE_STATES),
      lagBytes: count.nullable(),
      lagSeconds: seconds.nullable(),
    }),
  ),
  feeds: z.array(z.object({ feed: z.string(), state: z.enum(['well', 'failing', 'overdue']) })),
});

export type Overview = z.infer<typeof overviewSchema>;
export type MutationList = z.infer<typeof mutationListSchema>;
export type MutationDetail = z.infer<typeof mutationDetailSchema>;
export type ShapeList = z.infer<typeof shapeListSchema>;
export type Replication = z.infer<typeof replicationSchema>;
export type InstanceState = (typeof INSTANCE_STATES)[number];
export type FeedList = z.infer<typeof feedListSchema>;
