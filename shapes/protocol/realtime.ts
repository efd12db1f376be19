import { z } from 'zod';
import { INCIDENT_TYPES } from '../taxonomy/incident-type.ts';
import { AREA_CODE } from './areas.ts';
import { parseOffset } from './offset.ts';

/** Where the WebSocket is, and nowhere else. */
export const REALTIME_PATH = '/ws';
/** Subscriptions that one socket may have. */
export const MAX_SUBSCRIPTIONS = 50;
/** Largest radius of a circle, in metres. */
export const MAX_RADIUS_M = 100_000;
/** Largest message that a client may send, in bytes. */
export const MAX_CLIENT_MESSAGE_BYTES = 64 * 1024;

/** Why the server closes a socket: what the client sees as the close event's `code`. */
export const CLOSE_CODES = {
  /** The server stops; come back, to it or to another, and resume. */
  restart: 1012,
  /** Not ready, or too much to do: come back later. */
  tryLater: 1013,
  /** No token, or one that does not hold (any more): get a new one, come back and resume. */
  unauthenticated: 4401,
  /** The account's role may not follow incidents. */
  forbidden: 4403,
  /** No token within the time for it. */
  authTimeout: 4408,
  /** The log was begun anew, or the table is another: fetch the incidents again, then subscribe without `since`. */
  refetch: 4409,
  /** Nothing of what was sent was taken for a minute: come back and resume. */
  stalled: 4410,
  /** Too many sockets of the account, or too many messages. */
  tooMany: 4429,
} as const;

const subscriptionId = z.string().min(1).max(64);

/** What a subscription may be about. */
export const REALTIME_KINDS = ['incident', 'predictions'] as const;

/** What of the incidents one wants: all conditions that are given hold together; none of them is all incidents. */
export const subscriptionSchema = z.strictObject({
  /** The client's own name of it, told with each change. */
  id: subscriptionId,
  /** Code of a county, a municipality or a district. */
  area: z.string().regex(AREA_CODE, 'the code of an area').optional(),
  /** A circle around a point: WGS84 degrees, and metres along the globe. */
  circle: z
    .strictObject({
      lat: z.number().min(-90).max(90),
      lon: z.number().min(-180).max(180),
      radiusM: z.number().positive().max(MAX_RADIUS_M),
    })
    .optional(),
  /** 1 (least) to 5. */
  minSeverity: z.int().min(1).max(5).optional(),
  types: z.array(z.enum(INCIDENT_TYPES)).min(1).max(INCIDENT_TYPES.length).optional(),
  /** Incidents alone where it is missing. Predictions are asked for by area and circle; severity and types are of incidents. */
  kinds: z.array(z.enum(REALTIME_KINDS)).min(1).max(REALTIME_KINDS.length).optional(),
});

/** A place in the log: what a server's message gave as `handle` and `offset`. */
export const sinceSchema = z.strictObject({
  handle: z.string().min(1).max(200),
  offset: z
    .string()
    .max(64)
    .refine((text) => parseOffset(text)?.kind === 'log', 'an offset that this server gave'),
});

/** What a client may send, as JSON in a text message each. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  /** The first message of who sent no `Authorization` header; later, a new token of the same account. */
  z.strictObject({ type: z.literal('auth'), token: z.string().min(1).max(8_192) }),
  /** Subscriptions that begin at one place: after `since`, or with what comes from now on. */
  z.strictObject({
    type: z.literal('subscribe'),
    subscriptions: z.array(subscriptionSchema).min(1).max(MAX_SUBSCRIPTIONS),
    since: sinceSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('unsubscribe'),
    ids: z.array(subscriptionId).min(1).max(MAX_SUBSCRIPTIONS),
  }),
  /** Is answered with `pong`. */
  z.strictObject({ type: z.literal('ping') }),
  /** A sign of life. */
  z.strictObject({ type: z.literal('pong') }),
]);

export type RealtimeSubscription = z.infer<typeof subscriptionSchema>;
export type RealtimeSince = z.infer<typeof sinceSchema>;
export type RealtimeClientMessage = z.infer<typeof clientMessageSchema>;

/**
 * What a change does to a subscription: its incident comes into it (`insert`), changes within it, leaves it but is still
 * there (`leave`), or is gone altogether (`delete`).
 */
export const REALTIME_OPERATIONS = ['insert', 'update', 'leave', 'delete'] as const;
export type RealtimeOperation = (typeof REALTIME_OPERATIONS)[number];

/** What a server sends, as JSON in a text message each. Clients leave alone what they do not know. */
export const serverMessageSchema = z.discriminatedUnion('type', [
  /** The token is accepted. */
  z.object({ type: z.literal('ready') }),
  /** The subscriptions begin after `offset`; what comes with them comes behind this. */
  z.object({
    type: z.literal('subscribed'),
    ids: z.array(z.string()),
    handle: z.string(),
    offset: z.string(),
  }),
  /** One change, told once to a socket, with all subscriptions of its that it concerns. */
  z.object({
    type: z.literal('change'),
    kind: z.literal('incident'),
    offset: z.string(),
    subscriptions: z.array(z.object({ id: z.string(), operation: z.enum(REALTIME_OPERATIONS) })),
    /** The row after the change, or the last one before it is gone; as a shape tells it: Postgres's text, or null. */
    incident: z.record(z.string(), z.string().nullable()),
  }),
  /**
   * A run has made predictions anew, and some changed in the county of the area or near the circle of these subscriptions: fetch them,
   * or follow their shape. One message for a run. It is not told again after a reconnect: who comes back fetches them.
   */
  z.object({
    type: z.literal('predictions'),
    ids: z.array(z.string()),
    /** When they were made; null where that is not known, since the log was begun anew. */
    computedAt: z.string().nullable(),
    /** How many predictions changed, by county. */
    regions: z.record(z.string(), z.int().nonnegative()),
  }),
  /** A sign of life. Everything up to `offset` was sent; null while some of it is still to come. */
  z.object({ type: z.literal('heartbeat'), offset: z.string().nullable() }),
  z.object({ type: z.literal('pong') }),
  /** What was not done, and why; with `ids`, these subscriptions are not there (any more). */
  z.object({
    type: z.literal('error'),
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    field: z.string().optional(),
    ids: z.array(z.string()).optional(),
  }),
]);

export type RealtimeServerMessage = z.infer<typeof serverMessageSchema>;
