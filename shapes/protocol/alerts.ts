import { z } from 'zod';

const time = z.iso.datetime();

/** Something that is, or was, wrong. */
export const alertSchema = z.object({
  id: z.uuid(),
  /** What is wrong; each has a heading of that name in the runbook. */
  name: z.string(),
  severity: z.enum(['critical', 'warning']),
  /** Which one: a slot, a feed, a job, an instance. */
  subject: z.string(),
  /** The instance that saw it. */
  instance: z.string(),
  what: z.string(),
  since: time,
  raisedAt: time,
  /** When the webhook took it; null where it has not, or there is none. */
  toldAt: time.nullable(),
  /** Null while it is open. */
  clearedAt: time.nullable(),
  /** Its heading in the runbook: an address where the operator has said one, else the place in the repository. */
  runbook: z.string(),
});

/** Answer of `GET /api/v1/admin/alerts`. */
export const alertListSchema = z.object({
  alerts: z.array(alertSchema),
  nextCursor: z.string().nullable(),
});

/** Answer of `POST /api/v1/admin/alerts/trial`. */
export const alertTrialSchema = z.object({
  /** `no_webhook`: none is set on the instance that answered, so nobody is told of anything. */
  outcome: z.enum(['taken', 'refused', 'no_webhook']),
  /** Why it was not taken: a status, or the code of what went wrong; never the address. */
  reason: z.string().nullable(),
});
export type AlertTrial = z.infer<typeof alertTrialSchema>;

/** An alert as it is shown. */
export type AlertAnswer = z.infer<typeof alertSchema>;
