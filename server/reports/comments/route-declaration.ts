import { createRoute, z } from '@hono/zod-openapi';
import {
  commentBodySchema,
  commentChangedSchema,
  commentListSchema,
  commentVotesSchema,
  voteBodySchema,
} from '@halo/shapes/protocol/comments.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import * as part from '../../platform/route-parts.ts';
import { EXAMPLE_IDS } from '../examples.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const VOTES = { up: 3, down: 1, myVote: 'up' as const };
const CHANGED = { commentId: EXAMPLE_IDS.comment, incidentId: EXAMPLE_IDS.incident, txid: '7742' };

const ofIncident = z.object({ id: part.uuid(EXAMPLE_IDS.incident) });
const ofComment = ofIncident.extend({ commentId: part.uuid(EXAMPLE_IDS.comment) });
const headers = z.object({ 'Idempotency-Key': part.idempotencyKey().openapi({ example: 'a7c1-comment' }) });

const common = { tags: ['comments'], security: [{ bearer: [] }] };
const FAULTS = { ...part.COMMON_FAULTS, 404: part.problem('`incident_not_found`, `comment_not_found`') };
const MUTATION_FAULTS = {
  ...FAULTS,
  409: part.problem('`request_in_progress`: a request with this key is being settled; send it again'),
  422: part.problem('The mutation was rejected: `code` says why; or `idempotency_key_reused`'),
};

/** `GET /api/v1/incidents/{id}/comments`. */
export function commentsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common,
    method: 'get',
    path: '/api/v1/incidents/{id}/comments',
    summary: 'Comments on an incident, newest first',
    middleware: requireCaller(),
    request: {
      params: ofIncident,
      query: z.strictObject({ cursor: part.cursor(), limit: part.limit(DEFAULT_LIMIT, MAX_LIMIT) }),
    },
    responses: {
      200: part.answers('Comments; they do not say who wrote them', commentListSchema, {
        incidentId: EXAMPLE_IDS.incident,
        comments: [
          {
            id: EXAMPLE_IDS.comment,
            body: 'The bicycle stands behind the station',
            byOfficer: false,
            createdAt: '2026-11-25T12:03:09.400Z',
            mine: false,
            ...VOTES,
          },
        ],
        nextCursor: null,
      }),
      ...FAULTS,
    },
  });
}

/** `POST /api/v1/incidents/{id}/comments`. */
export function addCommentRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...common,
    method: 'post',
    path: '/api/v1/incidents/{id}/comments',
    summary: 'Comment on an incident',
    description: 'Sent again with the same `Idempotency-Key` it is no second comment. Without a key it is.',
    middleware: requireWriter(),
    request: {
      params: ofIncident,
      headers: headers.partial(),
      body: part.body(commentBodySchema, { body: 'The bicycle stands behind the station' }),
    },
    responses: { 201: part.answers('Stored', commentChangedSchema, CHANGED), ...MUTATION_FAULTS },
  });
}

/** `DELETE /api/v1/incidents/{id}/comments/{commentId}`. */
export function deleteCommentRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...common,
    method: 'delete',
    path: '/api/v1/incidents/{id}/comments/{commentId}',
    summary: 'Take a comment out of sight',
    description: 'For its author, and for officers. One that is deleted already stays so.',
    middleware: requireWriter(),
    request: { params: ofComment, headers: headers.partial() },
    responses: { 200: part.answers('Deleted', commentChangedSchema, CHANGED), ...MUTATION_FAULTS },
  });
}

const vote = (requireWriter: RequireCaller) => ({
  ...common,
  path: '/api/v1/incidents/{id}/comments/{commentId}/vote',
  middleware: requireWriter(),
  responses: {
    200: part.answers('How the comment stands', commentVotesSchema, VOTES),
    ...FAULTS,
    403: part.problem('`own_comment`: nobody votes on his own comment'),
  },
});

/** `PUT /api/v1/incidents/{id}/comments/{commentId}/vote`. */
export function voteRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...vote(requireWriter),
    method: 'put',
    summary: 'Vote on a comment of somebody else',
    description: 'A person has one vote on each comment; the last one counts.',
    request: { params: ofComment, body: part.body(voteBodySchema, { vote: 'up' }) },
  });
}

/** `DELETE /api/v1/incidents/{id}/comments/{commentId}/vote`. */
export function unvoteRoute(requireWriter: RequireCaller) {
  return createRoute({
    ...vote(requireWriter),
    method: 'delete',
    summary: 'Take my vote back',
    request: { params: ofComment },
  });
}
