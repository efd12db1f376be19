import { z } from 'zod';
import { deviceCountsSchema } from './inspector-devices.ts';
import { VERDICTS } from './inspector.ts';

/** A row is kept of each minute, so no step is shorter; in seconds. */
export const HISTORY_MIN_STEP_S = 60;
export const HISTORY_MAX_STEP_S = 86_400;
/** Most steps of one answer. */
export const HISTORY_MAX_POINTS = 720;
/** How long rows are kept, in days. */
export const HISTORY_KEPT_DAYS = 14;

const time = z.iso.datetime();
const count = z.number().int().nonnegative();

/**
 * One step of time, by the worst that was seen in it: a fault of a minute is not lost in an hour. Steps in which nothing was
 * written down (Halo or Postgres was away) are left out.
 */
export const historyPointSchema = z.object({
  /** When the step begins: a multiple of it since 1970. */
  at: time,
  /** Minutes of it that were written down. */
  minutes: z.number().int().positive(),
  verdict: z.enum(VERDICTS),
  /** The largest that was known, and whose it was; null where none was known: never 0 for want of knowledge. */
  lag: z.object({
    bytes: count.nullable(),
    seconds: z.number().nonnegative().nullable(),
    instance: z.string().nullable(),
  }),
  /** Most WAL that Postgres kept for a slot. */
  retainedBytes: count.nullable(),
  /** Of the minute in which most were stalled, then behind, then offline. */
  devices: deviceCountsSchema,
  /** Most of each, as devices had last reported. */
  outbox: z.object({ pending: count, rejected: count, stuckDevices: count }),
  /** Settled in these minutes. */
  mutations: z.object({ applied: count, rejected: count }),
});

/** Answer of `GET /api/v1/admin/sync/history`, the oldest first. */
export const syncHistorySchema = z.object({
  from: time,
  to: time,
  stepSeconds: z.number().int().positive(),
  points: z.array(historyPointSchema),
});

export type HistoryPoint = z.infer<typeof historyPointSchema>;
export type SyncHistory = z.infer<typeof syncHistorySchema>;
