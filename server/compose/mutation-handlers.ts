import type { Gazetteer } from '../areas/area.ts';
import type { MutationHandler } from '../mutations/mutation-handler.ts';
import { commentCreateHandler } from '../reports/comment-create.handler.ts';
import { commentDeleteHandler } from '../reports/comment-delete.handler.ts';
import { incidentTransitionHandler } from '../reports/incident-transition.handler.ts';
import { reportAmendHandler } from '../reports/report-amend.handler.ts';
import { reportCreateHandler } from '../reports/report-create.handler.ts';
import { reportWithdrawHandler } from '../reports/report-withdraw.handler.ts';
import type { ReportWriter } from '../reports/report.ts';
import { watchRemoveHandler } from '../watches/watch-remove.handler.ts';
import { watchSetHandler } from '../watches/watch-set.handler.ts';

/** What the handlers need from outside. */
export interface MutationHandlersParts {
  readonly gazetteer: Gazetteer;
  readonly writer: ReportWriter;
}

/** One handler for each mutation type that the server knows. */
export function createMutationHandlers(parts: MutationHandlersParts): readonly MutationHandler[] {
  return [
    reportCreateHandler(parts),
    reportAmendHandler(parts),
    reportWithdrawHandler(parts.writer),
    incidentTransitionHandler,
    commentCreateHandler,
    commentDeleteHandler,
    watchSetHandler,
    watchRemoveHandler,
  ] as readonly MutationHandler[];
}
