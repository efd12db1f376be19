import { COMMENT_CREATE } from '@halo/shapes/mutations/comment-create.ts';
import type { CommentCreateArgs } from '@halo/shapes/mutations/comment-create.ts';
import { COMMENT_DELETE } from '@halo/shapes/mutations/comment-delete.ts';
import type { CommentDeleteArgs } from '@halo/shapes/mutations/comment-delete.ts';
import type { OptimisticView } from './optimistic-view.ts';

/** The incident that a comment is about, which may be named by a report of it. */
const INCIDENT = `COALESCE(p.incident_id,
  (SELECT r.incident_id FROM synced.my_reports r WHERE r.id = p.report_id ORDER BY r._snapshot DESC LIMIT 1))`;

/** Comments made and deleted. Whether an officer makes them is the server's to say. */
export const commentsView: OptimisticView = {
  shape: 'comments',
  columns: ['incident_id', 'body', 'created_at'],
  notes: { report_id: 'uuid' },
  known: {
    incident_id: INCIDENT,
    region: `(SELECT i.region FROM synced.incidents i WHERE i.id = ${INCIDENT} LIMIT 1)`,
  },
  subjectOf({ id, type, args }) {
    if (type === COMMENT_CREATE) return id;
    if (type === COMMENT_DELETE) return (args as CommentDeleteArgs).commentId;
    return undefined;
  },
  fold(mutations) {
    const [made] = mutations;
    if (made === undefined || mutations.some(({ type }) => type === COMMENT_DELETE))
      return { kind: 'hide', values: {} };
    const { incidentId, reportId, body } = made.args as CommentCreateArgs;
    const values = { incident_id: incidentId, report_id: reportId, body, created_at: made.createdAt };
    return { kind: 'make', values };
  },
};
