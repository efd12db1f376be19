import { z } from 'zod';

/** Arguments of `comment.delete`: by its author, or by an officer. */
export const commentDeleteSchema = z.strictObject({ commentId: z.uuid().toLowerCase() });

export const COMMENT_DELETE = 'comment.delete';

export type CommentDeleteArgs = z.output<typeof commentDeleteSchema>;
