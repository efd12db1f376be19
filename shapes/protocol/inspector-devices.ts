import { z } from 'zod';
import { ROLES } from './auth.ts';
import { checkAnswerSchema } from './device-report.ts';

const time = z.iso.datetime();
const count = z.number().int().nonnegative();
/** Seconds, by the database's clock when it was asked: they go on, whether or not anything is reported. */
const seconds = z.number().nonnegative();

/**
 * How a device fares, the worst last. `live`: it has what the server has. `behind`: it lacks something and gets nearer.
 * `stalled`: it is there, and nothing proves that it gets on. `offline`: it was not heard when it was due. `revoked`: its
 * session or account has ended.
 */
export const DEVICE_STATES = ['live', 'behind', 'stalled', 'offline', 'revoked'] as const;

/** Why a device is said to be in its state. */
export const DEVICE_REASONS = [
  // live
  'up_to_date',
  // behind
  'reading_snapshot',
  'catching_up',
  'server_behind',
  // stalled
  'no_progress',
  'shape_silent',
  'outbox_stuck',
  'head_unknown',
  'reads_nothing',
  // offline
  'no_contact',
  // revoked
  'logged_out',
  'token_reused',
  'session_ended',
  'session_expired',
  'account_disabled',
] as const;

/** A person, as operators see whose device it is. */
export const personSchema = z.object({
  id: z.uuid(),
  /** Null for a person without an account. */
  email: z.string().nullable(),
  displayName: z.string(),
  role: z.enum(ROLES),
});

/** Where a device stands in one shape, as its last request for it proves. */
export const shapePositionSchema = z.object({
  /** The shape with its parameters, `incidents?region=01`. */
  shape: z.string(),
  name: z.string(),
  /** `snapshot`: it reads rows from the start. `catching_up`: it reads the log. `live`: it has said that it has all, and waits. */
  phase: z.enum(['snapshot', 'catching_up', 'live']),
  /** The offset that it asked with: what it has stored. */
  offset: z.string(),
  /** WAL between its offset and the head, in bytes, of other tables too; null while the head or the offset is not known. */
  behindBytes: count.nullable(),
  /** Transactions of synced tables between them; null where they lie before what this instance remembers. */
  behindTransactions: count.nullable(),
  /** How long ago the head went past its offset; 0 where it has not. A healthy reader is moved on within a long poll, 20 s. */
  behindSeconds: seconds.nullable(),
  /** Age of its last request, and of the last one that came with another offset than the one before. */
  askedSecondsAgo: seconds,
  movedSecondsAgo: seconds,
});

/** One device, or one log-in whose client does not name its device. */
export const deviceSchema = z.object({
  id: z.uuid(),
  /** `device`: it names itself. `session`: an older or other client, known by its log-in; it tells nothing of an outbox. */
  knownBy: z.enum(['device', 'session']),
  user: personSchema,
  appVersion: z.string().nullable(),
  firstSeenAt: time,
  state: z.enum(DEVICE_STATES),
  /** Why, as a code and in words; and since when, as far as that is known. */
  reason: z.object({ code: z.enum(DEVICE_REASONS), text: z.string(), textSv: z.string() }),
  since: time.nullable(),
  contact: z.object({
    /** The last request: the one proof that it is there. What was sent to it proves nothing. */
    lastAt: time.nullable(),
    ageSeconds: seconds.nullable(),
    /** After so long without a request it counts as offline. */
    dueSeconds: seconds,
    /** Instances that it has asked lately, by their ids. */
    instances: z.array(z.string()),
  }),
  /** As last reported; null where it never did. */
  outbox: z
    .object({
      pending: count,
      rejected: count,
      /** By the device's clock, when it reported. */
      oldestSeconds: seconds.nullable(),
      reportedSecondsAgo: seconds,
      /** Since when it has reported entries that wait, without one having been settled; null where it has none. */
      stuckSeconds: seconds.nullable(),
    })
    .nullable(),
  /** What the device says is wrong with it, or what it was last refused; null where neither was. */
  lastError: z
    .object({ code: z.string(), at: time, ageSeconds: seconds, from: z.enum(['device', 'server']) })
    .nullable(),
  /** The newest settled mutation; 0 where it never sent one. */
  lastSeq: count,
  /** Of the shape that is furthest behind. */
  behindBytes: count.nullable(),
  behindTransactions: count.nullable(),
  shapes: z.array(shapePositionSchema),
});

/** Devices by state. */
export const deviceCountsSchema = z.object({
  live: count,
  behind: count,
  stalled: count,
  offline: count,
  revoked: count,
});

/** Answer of `GET /api/v1/admin/sync/devices`: the worst first among those that are not `revoked`. */
export const deviceListSchema = z.object({
  /** Of all devices, whatever the list is filtered by. */
  counts: deviceCountsSchema,
  /** More devices are known than are looked at: those heard last are. */
  truncated: z.boolean(),
  devices: z.array(deviceSchema),
  nextCursor: z.string().nullable(),
});

/** Something that happened between a device and the server; what happens again within a minute counts as the same. */
export const DEVICE_EVENT_KINDS = [
  /** First heard, or again after it was silent. */
  'came',
  /** It began to read a shape from the start. */
  'snapshot',
  /** It was told to (409). */
  'refetch',
  /** A request was refused (4xx), or failed (5xx). */
  'refused',
  'failed',
  /** The device says that something is wrong, or that it no longer is. */
  'error',
  'recovered',
  /** Another version of the app. */
  'version',
] as const;

/** One line of a device's history. */
export const deviceEventSchema = z.object({
  id: z.string().regex(/^\d+$/),
  at: time,
  kind: z.enum(DEVICE_EVENT_KINDS),
  /** The shape or route that was asked for, the code of an error, the version: what belongs to the kind. */
  shape: z.string().nullable(),
  code: z.string().nullable(),
  /** How often within the minute after `at`. */
  times: z.number().int().positive(),
  instance: z.string(),
});

/** Answer of `GET /api/v1/admin/sync/devices/{id}/events`, newest first. Mutations have a list of their own. */
export const deviceEventListSchema = z.object({
  events: z.array(deviceEventSchema),
  nextCursor: z.string().nullable(),
});

/** `asked`: the device has not been told yet. `sent`: it has. `answered`: it has said. `expired`: it did not within an hour. */
export const CHECK_STATES = ['asked', 'sent', 'answered', 'expired'] as const;

/** A question to a device, whether its replica is right. */
export const deviceCheckSchema = z.object({
  id: z.uuid(),
  deviceId: z.uuid(),
  askedBy: z.uuid().nullable(),
  askedAt: time,
  sentAt: time.nullable(),
  answeredAt: time.nullable(),
  state: z.enum(CHECK_STATES),
  /** Whether all shapes that were compared are equal; null while there is no answer, or none was compared. */
  right: z.boolean().nullable(),
  answer: checkAnswerSchema.nullable(),
});

/** Answer of `GET /api/v1/admin/sync/devices/{id}/checks`, newest first, at most 20. */
export const deviceCheckListSchema = z.object({ checks: z.array(deviceCheckSchema) });

/** Answer of `GET /api/v1/admin/sync/devices/{id}`. */
export const deviceDetailSchema = deviceSchema.extend({
  /** The newest check; null where there was none. */
  lastCheck: deviceCheckSchema.nullable(),
  /** Settled mutations of the device, by what became of them. */
  mutations: z.object({ applied: count, rejected: count, lastSettledAt: time.nullable() }),
});

/** Answer of `GET /api/v1/admin/sync/devices/{id}/rows`: what the device should hold of a shape now, by its key. */
export const deviceRowsSchema = z.object({
  shape: z.string(),
  /** All rows of the shape for this person; null where there are more than are counted (`MAX_COUNTED_ROWS`). */
  total: count.nullable(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Values as Postgres writes them, in the order of the columns; exact positions are coarsened. */
  rows: z.array(z.array(z.string().nullable())),
  /** Whether exact positions were coarsened. */
  redacted: z.boolean(),
  nextCursor: z.string().nullable(),
});

/** Rows of a shape are counted up to this many. */
export const MAX_COUNTED_ROWS = 100_000;

export type DeviceState = (typeof DEVICE_STATES)[number];
export type DeviceReason = (typeof DEVICE_REASONS)[number];
export type DeviceEventKind = (typeof DEVICE_EVENT_KINDS)[number];
export type DeviceAnswer = z.infer<typeof deviceSchema>;
export type DeviceList = z.infer<typeof deviceListSchema>;
export type DeviceDetail = z.infer<typeof deviceDetailSchema>;
export type DeviceEvent = z.infer<typeof deviceEventSchema>;
export type DeviceCheck = z.infer<typeof deviceCheckSchema>;
export type DeviceRows = z.infer<typeof deviceRowsSchema>;
export type ShapePosition = z.infer<typeof shapePositionSchema>;
