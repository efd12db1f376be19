import { DatabaseError } from 'pg';
import { REPORT_CREATE, reportCreateSchema } from '@halo/shapes/mutations/report-create.ts';
import type { ReportCreateArgs } from '@halo/shapes/mutations/report-create.ts';
import type { Gazetteer } from '../areas/area.ts';
import { MutationRejection } from '../mutations/mutation-handler.ts';
import type { MutationHandler } from '../mutations/mutation-handler.ts';
import { placeOfPoint } from './place-of-point.ts';
import type { NewReport, ReportWriter } from './report.ts';

/** How far a device's clock may run ahead before what it saw "happens in the future", in milliseconds. */
export const MAX_AHEAD_MS = 10 * 60_000;
/** The oldest event that may still be reported, in milliseconds before now. */
export const MAX_AGE_MS = 400 * 24 * 3_600_000;

/** What reporting needs from outside. */
export interface ReportCreateParts {
  readonly gazetteer: Gazetteer;
  readonly writer: ReportWriter;
}

/** `report.create`: stores what a person saw, under the mutation's id, and links it to its incident. */
export function reportCreateHandler({
  gazetteer,
  writer,
}: ReportCreateParts): MutationHandler<ReportCreateArgs> {
  return {
    type: REPORT_CREATE,
    schema: reportCreateSchema,
    locks: ({ location }) => writer.locks({ ...location, precision: 'point' }),
    async apply(tx, args, context) {
      const occurredAt = new Date(args.occurredAt);
      checkTime(occurredAt, context.now);
      const report: NewReport = {
        id: context.mutationId,
        source: 'user',
        reporterId: context.userId,
        deviceId: context.deviceId,
        type: args.type,
        rawType: null,
        severity: args.severity,
        occurredAt,
        claimedAt: context.claimedAt,
        clockSuspect: context.clockSuspect,
        description: args.description,
        place: placeOfPoint(gazetteer, args.location),
      };
      const { incidentId } = await writer.record(tx, report).catch(rejectTakenId);
      return { reportId: context.mutationId, incidentId };
    },
  };
}

function checkTime(occurredAt: Date, now: Date): void {
  const aheadMs = occurredAt.getTime() - now.getTime();
  if (aheadMs > MAX_AHEAD_MS)
    throw new MutationRejection('occurred_at_in_future', 'This lies in the future.', 'occurredAt');
  if (-aheadMs > MAX_AGE_MS)
    throw new MutationRejection(
      'occurred_at_too_old',
      `Events of more than ${MAX_AGE_MS / 86_400_000} days ago cannot be reported.`,
      'occurredAt',
    );
}

/** An id that another report has already can never be stored: the mutation is at fault, not the server. */
function rejectTakenId(error: unknown): never {
  if (error instanceof DatabaseError && error.constraint === 'reports_pkey')
    throw new MutationRejection('report_id_taken', 'Another report has this id already; report again.');
  throw error;
}
