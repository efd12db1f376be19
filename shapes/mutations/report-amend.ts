import { z } from 'zod';
import { reportFields } from './report-create.ts';

/** The changed fields of a report; a location is changed as a whole. */
export const reportChangesSchema = z
  .strictObject(reportFields)
  .partial()
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'Nothing is changed.');

/**
 * Arguments of `report.amend`: the changes, and what their author had before him when he made them. That is
 * either a `version` of the report, or the mutation that they come `after`: the one that created the report or
 * amended it last, which may still stand in the device's queue.
 */
export const reportAmendSchema = z
  .strictObject({
    reportId: z.uuid().toLowerCase(),
    version: z.number().int().positive().max(2_147_483_647).optional(),
    after: z.uuid().toLowerCase().optional(),
    changes: reportChangesSchema,
  })
  .refine(({ version, after }) => (version === undefined) !== (after === undefined), {
    message: 'Either the version that was seen, or the mutation that this one comes after.',
    path: ['version'],
  });

export const REPORT_AMEND = 'report.amend';

/**
 * What becomes of a field that has changed since the version that the author saw, and that he sets to
 * something else: `refuse` rejects his whole amend with `version_conflict`, `replace` lets his value stand and
 * keeps the other one in `report_versions`.
 */
export const AMEND_RULES = {
  type: 'refuse',
  severity: 'refuse',
  occurredAt: 'refuse',
  location: 'refuse',
  description: 'replace',
} as const satisfies Record<keyof ReportChanges, 'refuse' | 'replace'>;

/** The changes that a caller passes in: fields of the report, at least one. */
export type ReportChangesInput = z.input<typeof reportChangesSchema>;
export type ReportChanges = z.output<typeof reportChangesSchema>;
/** What a caller passes in. */
export type ReportAmendInput = z.input<typeof reportAmendSchema>;
/** What the schema makes of it. */
export type ReportAmendArgs = z.output<typeof reportAmendSchema>;
