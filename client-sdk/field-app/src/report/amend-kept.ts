import { z } from 'zod';
import type { ReportDraft } from './report-draft.ts';
import { draftSchema } from './report-draft.ts';

/** What the person had before him when he began to change a report: his change is compared with that, whatever comes in meanwhile. */
const saidSchema = z.object({
  type: z.string(),
  severity: z.number(),
  occurred_at: z.coerce.date(),
  description: z.string(),
  lat: z.number(),
  lon: z.number(),
  accuracy_m: z.number().nullable(),
  version: z.number().nullable(),
  sync_state: z.string(),
});

/** The form that changes a report, as it is kept. */
export const amendSchema = z.object({ said: saidSchema, draft: draftSchema });

export interface KeptAmend {
  readonly said: z.output<typeof saidSchema>;
  readonly draft: ReportDraft;
}
