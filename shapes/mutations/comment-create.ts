import { z } from 'zod';

/**
 * Arguments of `comment.create`: about an incident, or about the one that an own report belongs to, which may
 * still stand in the device's queue. The mutation's id becomes the comment's id.
 */
export const commentCreateSchema = z
  .strictObject({
    incidentId: z.uuid().toLowerCase().optional(),
    reportId: z.uuid().toLowerCase().optional(),
    body: z.string().trim().min(1).max(2000),
  })
  .refine(({ incidentId, reportId }) => (incidentId === undefined) !== (reportId === undefined), {
    message: 'Either the incident, or an own report of it.',
    path: ['incidentId'],
  });

export const COMMENT_CREATE = 'comment.create';

/** What a caller passes in. */
export type CommentCreateInput = z.input<typeof commentCreateSchema>;
/** What the schema makes of it. */
export type CommentCreateArgs = z.output<typeof commentCreateSchema>;
