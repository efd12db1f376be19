import { COMMENT_CREATE, commentCreateSchema } from '@halo/shapes/mutations/comment-create.ts';
import type { CommentCreateArgs } from '@halo/shapes/mutations/comment-create.ts';
import { DECIDERS } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { Transaction } from '../db/pool.ts';
import { missing, MutationRejection } from '../mutations/mutation-handler.ts';
import type { MutationContext, MutationHandler } from '../mutations/mutation-handler.ts';
import { countComments, insertComment } from './comment-store.ts';
import { lockLiveIncident, presentRole } from './transition-store.ts';
import type { LiveIncident } from './transition-store.ts';
import { readOwnReport } from './version-store.ts';

/** Most comments of one person on one incident, so that nobody fills it. */
const MAX_COMMENTS = 100;
const TOO_MANY = `Nobody makes more than ${MAX_COMMENTS} comments on one incident.`;

/** `comment.create`: says something about an incident; of one that has been merged, about the one that goes on. */
export const commentCreateHandler: MutationHandler<CommentCreateArgs> = {
  type: COMMENT_CREATE,
  schema: commentCreateSchema,
  locks: () => [],
  async apply(tx, args, context) {
    const { userId: authorId, mutationId: id } = context;
    const incident = await incidentOf(tx, args, context);
    if ((await countComments(tx, incident.id, authorId)) >= MAX_COMMENTS)
      throw new MutationRejection('too_many_comments', TOO_MANY);
    const role = await presentRole(tx, authorId);
    const byOfficer = role !== undefined && DECIDERS.includes(role);
    await insertComment(tx, incident, { id, authorId, byOfficer, body: args.body });
    return { commentId: id, incidentId: incident.id };
  },
};

/** The incident that is commented on, locked, so that it is not merged away from under the comment. */
async function incidentOf(
  tx: Transaction,
  { incidentId, reportId }: CommentCreateArgs,
  context: MutationContext,
): Promise<LiveIncident> {
  const [named, field] = reportId === undefined ? [incidentId, 'incidentId'] : [reportId, 'reportId'];
  if (named === undefined) throw new Error('the schema demands one of the two');
  const id = reportId === undefined ? named : (await readOwnReport(tx, reportId, context.userId))?.incidentId;
  const incident = id === undefined || id === null ? undefined : await lockLiveIncident(tx, id);
  if (incident === undefined) throw await missing(context, named, field);
  return incident;
}
