import type { ZodType } from 'zod';
import { COMMENT_CREATE, commentCreateSchema } from './comment-create.ts';
import { COMMENT_DELETE, commentDeleteSchema } from './comment-delete.ts';
import { INCIDENT_TRANSITION, incidentTransitionSchema } from './incident-transition.ts';
import { REPORT_AMEND, reportAmendSchema } from './report-amend.ts';
import { REPORT_CREATE, reportCreateSchema } from './report-create.ts';
import { REPORT_WITHDRAW, reportWithdrawSchema } from './report-withdraw.ts';
import { WATCH_REMOVE, watchRemoveSchema } from './watch-remove.ts';
import { WATCH_SET, watchSetSchema } from './watch-set.ts';

/** What the arguments of each mutation type must be, by type: the server's handlers and the client apply these. */
export const MUTATION_SCHEMAS: ReadonlyMap<string, ZodType> = new Map<string, ZodType>([
  [REPORT_CREATE, reportCreateSchema],
  [REPORT_AMEND, reportAmendSchema],
  [REPORT_WITHDRAW, reportWithdrawSchema],
  [COMMENT_CREATE, commentCreateSchema],
  [COMMENT_DELETE, commentDeleteSchema],
  [WATCH_SET, watchSetSchema],
  [WATCH_REMOVE, watchRemoveSchema],
  [INCIDENT_TRANSITION, incidentTransitionSchema],
]);
