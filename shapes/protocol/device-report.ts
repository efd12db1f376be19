import { z } from 'zod';

/** Longest value of the header `halo-device` that is read, in characters. */
export const MAX_DEVICE_HEADER = 400;

const whole = (most: number) => z.coerce.number().int().min(0).max(most);

/** What a device says of itself. */
export const deviceReportSchema = z.object({
  /** The device's id, as in its batches of mutations. */
  id: z.uuid().toLowerCase(),
  /** The version of the app, as the app calls it. */
  v: z
    .string()
    .regex(/^[\x20-\x7e]{1,40}$/)
    .optional(),
  /** Entries of the outbox that wait to be settled. */
  p: whole(1_000_000_000).optional(),
  /** Entries that were rejected and wait for their author. */
  r: whole(1_000_000_000).optional(),
  /** Age of the oldest entry that waits, by the device's own clock, in seconds. */
  o: whole(3_000_000_000).optional(),
  /** The code of what is wrong on the device; missing where nothing is. */
  e: z
    .string()
    .regex(/^[a-z0-9_]{1,60}$/)
    .optional(),
});

/** Most shapes of which a device tells how they compared. */
export const MAX_CHECKED_SHAPES = 64;

/** How the rows of one shape compared with the server's, as the device says. */
const checkedShapeSchema = z.strictObject({
  /** The shape with its parameters, `incidents?region=01`. */
  shape: z.string().min(1).max(300),
  outcome: z.enum(['equal', 'different', 'not_compared']),
  /** The offset at which both were counted. */
  offset: z.string().max(60).nullable(),
  /** Rows of the replica, and of the server there. */
  deviceRows: z.number().int().nonnegative().nullable(),
  serverRows: z.number().int().nonnegative().nullable(),
  /** The rows are being fetched again. */
  rebuilt: z.boolean(),
  /** Why they were not compared. */
  errorCode: z.string().max(60).nullable(),
});

/** Body of `POST /v1/devices/{id}/checks/{checkId}`: the device's answer, or why it has none. */
export const checkAnswerSchema = z.strictObject({
  shapes: z.array(checkedShapeSchema).max(MAX_CHECKED_SHAPES),
  /** `replica_unavailable`, say; null where the shapes speak for themselves. */
  errorCode: z.string().max(60).nullable(),
});

export type DeviceReport = z.infer<typeof deviceReportSchema>;
export type CheckAnswer = z.infer<typeof checkAnswerSchema>;
