import { z } from 'zod';

/** Arguments of `watch.remove`: an own place is watched no more. */
export const watchRemoveSchema = z.strictObject({ watchId: z.uuid().toLowerCase() });

export const WATCH_REMOVE = 'watch.remove';

export type WatchRemoveArgs = z.output<typeof watchRemoveSchema>;
