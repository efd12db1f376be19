import { z } from 'zod';
import { incidentTypeSchema } from '../taxonomy/incident-type.ts';

/** A position as a device knows it: WGS84 degrees and the radius of its uncertainty in metres. */
export const locationSchema = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  accuracyM: z.number().min(0).max(100_000),
});

/** What a person says in a report, field by field. */
export const reportFields = {
  type: incidentTypeSchema,
  severity: z.number().int().min(1).max(5),
  occurredAt: z.iso.datetime({ offset: true }),
  description: z.string().trim().max(4000),
  location: locationSchema,
};

/**
 * Arguments of `report.create`: what a person saw. A report without a position is refused rather than
 * placed somewhere; the mutation's id becomes the report's id.
 */
export const reportCreateSchema = z.strictObject({
  ...reportFields,
  description: reportFields.description.default(''),
});

export const REPORT_CREATE = 'report.create';

/** What a caller passes in. */
export type ReportCreateInput = z.input<typeof reportCreateSchema>;
/** What the schema makes of it. */
export type ReportCreateArgs = z.output<typeof reportCreateSchema>;
