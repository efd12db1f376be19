import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What somebody thinks of a comment. */
export const VOTES = ['up', 'down'] as const;

/** Body of `POST /api/v1/incidents/{id}/comments`. */
export const commentBodySchema = z.strictObject({ body: z.string().trim().min(1).max(2000) });

/** Body of `PUT /api/v1/incidents/{id}/comments/{commentId}/vote`. */
export const voteBodySchema = z.strictObject({ vote: z.enum(VOTES) });

/** How a comment was voted on, by everybody and by the caller. */
export const commentVotesSchema = z.object({
  up: count,
  down: count,
  myVote: z.enum(VOTES).nullable(),
});

/** A comment; it does not say who wrote it. */
export const commentSchema = commentVotesSchema.extend({
  id: z.uuid(),
  body: z.string(),
  /** Its author was an officer when he wrote it. */
  byOfficer: z.boolean(),
  createdAt: z.iso.datetime(),
  mine: z.boolean(),
});

/** Answer of `GET /api/v1/incidents/{id}/comments`, newest first. */
export const commentListSchema = z.object({
  incidentId: z.uuid(),
  comments: z.array(commentSchema),
  nextCursor: z.string().nullable(),
});

/** Answer of making or deleting a comment; `txid` is the transaction by which devices see it. */
export const commentChangedSchema = z.object({ commentId: z.uuid(), incidentId: z.uuid(), txid: z.string() });

export type CommentAnswer = z.infer<typeof commentSchema>;
export type CommentVotes = z.infer<typeof commentVotesSchema>;
export type Vote = (typeof VOTES)[number];
