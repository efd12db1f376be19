import type { OpenAPIHono } from '@hono/zod-openapi';
import { COMMENT_CREATE } from '@halo/shapes/mutations/comment-create.ts';
import type { CommentCreateArgs } from '@halo/shapes/mutations/comment-create.ts';
import { COMMENT_DELETE } from '@halo/shapes/mutations/comment-delete.ts';
import type { CommentDeleteArgs } from '@halo/shapes/mutations/comment-delete.ts';
import { commentChangedSchema } from '@halo/shapes/protocol/comments.ts';
import type { CallerEnv } from '../../auth/identity.ts';
import type { Pool } from '../../db/pool.ts';
import { HaloError } from '../../platform/errors.ts';
import { readPage } from '../../platform/keyset-page.ts';
import { createRouter } from '../../platform/router.ts';
import { followIncident } from '../incident-view/view-store.ts';
import { applyRequest, NO_STORE } from '../rest-parts.ts';
import type { RestParts } from '../rest-parts.ts';
import * as declared from './route-declaration.ts';
import { deleteVote, listComments, readComment, readVotes, writeVote } from './vote-store.ts';
import type { VotedComment } from './vote-store.ts';

/** Comments on incidents, and votes on them. */
export function commentRoutes(parts: RestParts): OpenAPIHono<CallerEnv> {
  const { pool, requireCaller, requireWriter } = parts;
  const router = createRouter<CallerEnv>();
  router.openapi(declared.commentsRoute(requireCaller), async (c) => {
    const { id } = await followIncident(pool, c.req.valid('param').id);
    const { userId } = c.get('caller');
    const page = await readPage(c.req.valid('query'), ['comments', id], (after, limit) =>
      listComments(pool, id, userId, after, limit),
    );
    return c.json({ incidentId: id, comments: [...page.items], nextCursor: page.nextCursor }, 200, NO_STORE);
  });
  router.openapi(declared.addCommentRoute(requireWriter), async (c) => {
    // Under the id that was asked for: where that leads may change, and the same request has the same contents.
    const args: CommentCreateArgs = { incidentId: c.req.valid('param').id, ...c.req.valid('json') };
    const { 'Idempotency-Key': key } = c.req.valid('header');
    const applied = await applyRequest(parts, c.get('caller'), COMMENT_CREATE, args, key);
    const answer = commentChangedSchema.parse({ ...applied.result, txid: applied.txid });
    return c.json(answer, 201, applied.headers);
  });
  router.openapi(declared.deleteCommentRoute(requireWriter), async (c) => {
    const { id, commentId } = c.req.valid('param');
    await commentOf(pool, id, commentId);
    const args: CommentDeleteArgs = { commentId };
    const { 'Idempotency-Key': key } = c.req.valid('header');
    const applied = await applyRequest(parts, c.get('caller'), COMMENT_DELETE, args, key);
    const answer = commentChangedSchema.parse({ ...applied.result, txid: applied.txid });
    return c.json(answer, 200, applied.headers);
  });
  router.openapi(declared.voteRoute(requireWriter), async (c) => {
    const { id, commentId } = c.req.valid('param');
    const { userId } = c.get('caller');
    const comment = await commentOf(pool, id, commentId);
    if (comment.deleted) throw notFound();
    if (comment.authorId === userId)
      throw new HaloError('own_comment', 'Nobody votes on his own comment.', { status: 403 });
    await writeVote(pool, commentId, userId, c.req.valid('json').vote);
    return c.json(await readVotes(pool, commentId, userId), 200, NO_STORE);
  });
  router.openapi(declared.unvoteRoute(requireWriter), async (c) => {
    const { id, commentId } = c.req.valid('param');
    const { userId } = c.get('caller');
    const comment = await commentOf(pool, id, commentId);
    if (comment.deleted) throw notFound();
    await deleteVote(pool, commentId, userId);
    return c.json(await readVotes(pool, commentId, userId), 200, NO_STORE);
  });
  return router;
}

/** A comment where the path says that it is. */
async function commentOf(pool: Pool, incidentId: string, commentId: string): Promise<VotedComment> {
  const { id } = await followIncident(pool, incidentId);
  const comment = await readComment(pool, id, commentId);
  if (comment === undefined) throw notFound();
  return comment;
}

function notFound(): HaloError {
  return new HaloError('comment_not_found', 'There is no such comment on this incident.', { status: 404 });
}
