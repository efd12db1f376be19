import { z } from 'zod';
import { reportChangesSchema } from '../mutations/report-amend.ts';
import { reportFields } from '../mutations/report-create.ts';
import { incidentTypeSchema } from '../taxonomy/incident-type.ts';
import { REPORT_STATUSES } from '../taxonomy/states.ts';

const time = z.iso.datetime();
const count = z.number().int().nonnegative();
/** The version of his report that the author saw. */
const version = z.number().int().positive().max(2_147_483_647);

/** Body of `PATCH /api/v1/reports/{id}`. */
export const reportPatchSchema = z.strictObject({ version, changes: reportChangesSchema });

/** Body of `PUT /api/v1/reports/{id}`: all that the report is to say. */
export const reportPutSchema = z.strictObject({ version, ...reportFields });

/** Answer of `POST /api/v1/reports`; `txid` is the transaction by which devices see it arrive. */
export const reportCreatedSchema = z.object({ reportId: z.uuid(), incidentId: z.uuid(), txid: z.string() });

/** Answer of amending or withdrawing a report. */
export const reportChangedSchema = z.object({
  reportId: z.uuid(),
  version,
  /** The incident that it belongs to now; null where it has none any more. */
  incidentId: z.uuid().nullable(),
  txid: z.string(),
});

/** One of the caller's own reports, with the exact place. */
export const myReportSchema = z.object({
  id: z.uuid(),
  type: incidentTypeSchema,
  severity: z.number().int().min(1).max(5),
  occurredAt: time,
  receivedAt: time,
  description: z.string(),
  location: z.object({ lat: z.number(), lon: z.number(), accuracyM: z.number().nullable() }),
  region: z.string().nullable(),
  municipality: z.string().nullable(),
  district: z.string().nullable(),
  status: z.enum(REPORT_STATUSES),
  incidentId: z.uuid().nullable(),
  version,
  updatedAt: time,
});

/** Answer of `GET /api/v1/reports/mine`, the latest of what happened first. */
export const myReportsSchema = z.object({
  reports: z.array(myReportSchema),
  nextCursor: z.string().nullable(),
});

/** Answer of `GET /api/v1/reports/stats`, with the names of the earlier system. */
export const reportStatsSchema = z.object({
  total_reports: count,
  verified_incidents: count,
  unverified_incidents: count,
  /** Of the incidents that people reported; null where there is none. */
  avg_reporters_per_incident: z.number().nonnegative().nullable(),
  max_reporters_single_incident: count.nullable(),
});

/** Answer of `GET /api/v1/reports/cross-source-stats`, with the names of the earlier system. */
export const crossSourceStatsSchema = z.object({
  total_incidents: count,
  official_only: count,
  user_only: count,
  cross_validated: count,
  /** Null where there is no incident. */
  validation_rate_percent: z.number().min(0).max(100).nullable(),
});

export type MyReport = z.infer<typeof myReportSchema>;
export type ReportStats = z.infer<typeof reportStatsSchema>;
export type CrossSourceStats = z.infer<typeof crossSourceStatsSchema>;
