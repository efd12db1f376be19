import { z } from 'zod';
import { incidentTypeSchema } from '../taxonomy/incident-type.ts';
import { LOCATION_PRECISIONS, REPORT_SOURCES, VERIFICATIONS } from '../taxonomy/states.ts';

/** Statuses of an incident that reports belong to. */
export const LIVE_STATUSES = ['open', 'closed'] as const;

const time = z.iso.datetime();
const count = z.number().int().nonnegative();

/** An incident as everybody may see it: nobody's name, and a place that is snapped to a cell or is an area's centre. */
export const incidentSchema = z.object({
  id: z.uuid(),
  type: incidentTypeSchema,
  severity: z.number().int().min(1).max(5),
  status: z.enum(LIVE_STATUSES),
  verification: z.enum(VERIFICATIONS),
  confidence: z.number().min(0).max(1),
  occurredAt: time,
  lat: z.number(),
  lon: z.number(),
  locationPrecision: z.enum(LOCATION_PRECISIONS),
  /** Codes of areas. */
  region: z.string().nullable(),
  municipality: z.string().nullable(),
  district: z.string().nullable(),
  reportCount: count,
  reporterCount: count,
  /** An official source tells of it. */
  official: z.boolean(),
  createdAt: time,
  updatedAt: time,
});

/** Answer of `GET /api/v1/incidents`, newest first. */
export const incidentListSchema = z.object({
  incidents: z.array(
    incidentSchema.extend({
      /** Metres from `near`, on the sphere; null where the list has none. */
      distanceM: z.number().nonnegative().nullable(),
    }),
  ),
  nextCursor: z.string().nullable(),
});

/** Answer of `GET /api/v1/incidents/{id}`. */
export const incidentDetailSchema = incidentSchema.extend({
  /**
   * Ids that led here, the one asked for first: `merged`, its reports went to the next one; `matched`, it is an official event of
   * an area, and the next one is the same as people reported it. Empty where the incident itself was asked for.
   */
  followed: z.array(z.object({ id: z.uuid(), because: z.enum(['merged', 'matched']) })),
});

/** One report of an incident; exact and with its words for its author and officers alone. */
export const incidentReportSchema = z.object({
  id: z.uuid(),
  source: z.enum(REPORT_SOURCES),
  type: incidentTypeSchema,
  occurredAt: time,
  lat: z.number(),
  lon: z.number(),
  locationPrecision: z.enum(LOCATION_PRECISIONS),
  /** Whether the place is the one reported, and not the centre of its cell. */
  exact: z.boolean(),
  /** Metres; null where the place is not exact. */
  accuracyM: z.number().nullable(),
  /** Null for whoever may not read it. What an official source wrote is public. */
  description: z.string().nullable(),
  mine: z.boolean(),
});

/** Answer of `GET /api/v1/incidents/{id}/reports`, newest first. */
export const incidentReportsSchema = z.object({
  incidentId: z.uuid(),
  reports: z.array(incidentReportSchema),
  nextCursor: z.string().nullable(),
});

/** One step in the life of an incident. */
export const incidentStepSchema = z.object({
  id: z.uuid(),
  from: z.string(),
  to: z.string(),
  madeAt: time,
  /** Whether a person decided it; else reports or matches changed it. */
  byPerson: z.boolean(),
  /** For officers; null for others, and where no person did it. */
  actorId: z.uuid().nullable(),
  note: z.string().nullable(),
});

/** Answer of `GET /api/v1/incidents/{id}/history`, newest first. */
export const incidentHistorySchema = z.object({
  incidentId: z.uuid(),
  steps: z.array(incidentStepSchema),
  nextCursor: z.string().nullable(),
});

const counts = z.record(z.string(), count);

/** Answer of `GET /api/v1/incidents/stats/summary`. */
export const incidentSummarySchema = z.object({
  total: count,
  bySeverity: counts,
  byType: counts,
  byStatus: counts,
  byVerification: counts,
  /** By when they happened. */
  last24Hours: count,
  last7Days: count,
  last30Days: count,
});

export type IncidentAnswer = z.infer<typeof incidentSchema>;
export type IncidentDetail = z.infer<typeof incidentDetailSchema>;
export type IncidentReport = z.infer<typeof incidentReportSchema>;
export type IncidentStep = z.infer<typeof incidentStepSchema>;
export type IncidentsSummary = z.infer<typeof incidentSummarySchema>;
export type IncidentList = z.infer<typeof incidentListSchema>;
