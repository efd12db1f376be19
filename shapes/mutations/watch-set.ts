import { z } from 'zod';

/**
 * Arguments of `watch.set`: a circle to be watched, WGS84 degrees and metres, and the risk (0 to 1) from which on
 * it is worth a notice. Without `watchId` a new one, whose id is the mutation's; with it, all of an own one anew.
 */
export const watchSetSchema = z.strictObject({
  watchId: z.uuid().toLowerCase().optional(),
  name: z.string().trim().min(1).max(80),
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  radiusM: z.number().min(50).max(50_000),
  threshold: z.number().min(0).max(1),
});

export const WATCH_SET = 'watch.set';

/** What a caller passes in. */
export type WatchSetInput = z.input<typeof watchSetSchema>;
/** What the schema makes of it. */
export type WatchSetArgs = z.output<typeof watchSetSchema>;
