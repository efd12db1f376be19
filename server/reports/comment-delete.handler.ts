import { COMMENT_DELETE, commentDeleteSchema } from '@halo/shapes/mutations/comment-delete.ts';
import type { CommentDeleteArgs } from '@halo/shapes/mutations/comment-delete.ts';
import { DECIDERS } from '@halo/shapes/taxonomy/incident-transitions.ts';
import { recordAct } from '../audit/audit-log.ts';
import { missing } from '../mutations/mutation-handler.ts';
import type { MutationHandler } from '../mutations/mutation-handler.ts';
import { markCommentDeleted, readComment } from './comment-store.ts';
import { presentRole } from './transition-store.ts';

/**
 * `comment.delete`: takes a comment out of everybody's sight; for its author and for those who are officers now.
 * One that is deleted already is what they wanted.
 */
export const commentDeleteHandler: MutationHandler<CommentDeleteArgs> = {
  type: COMMENT_DELETE,
  schema: commentDeleteSchema,
  locks: () => [],
  async apply(tx, { commentId }, context) {
    const comment = await readComment(tx, commentId);
    if (comment === undefined) throw await missing(context, commentId, 'commentId');
    const isOwn = comment.authorId === context.userId;
    if (!isOwn) {
      const role = await presentRole(tx, context.userId);
      if (role === undefined || !DECIDERS.includes(role))
        throw await missing(context, commentId, 'commentId');
    }
    const wasInSight = await markCommentDeleted(tx, commentId, context.userId);
    if (wasInSight && !isOwn) {
      await recordAct(tx, context, {
        action: 'comment.deleted',
        target: { kind: 'comment', id: commentId },
        details: { incidentId: comment.incidentId },
      });
    }
    return { commentId, incidentId: comment.incidentId };
  },
};
