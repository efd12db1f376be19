import { z } from 'zod';

/** When the server was put back, and to which moment: what it had taken between the two is gone. */
export const restoreSchema = z.object({
  takenAt: z.iso.datetime(),
  restoredAt: z.iso.datetime(),
});

/** Answer of `GET /api/v1/restores`. */
export const restoreListSchema = z.object({ restores: z.array(restoreSchema) });

export type RestoreAnswer = z.infer<typeof restoreSchema>;
