import { DatabaseError } from 'pg';
import { REPORT_CREATE, reportCreateSchema } from '@halo/shapes/mutations/report-create.ts';
import type { ReportCreateArgs } from '@halo/shapes/mutations/report-create.ts';
import type { Gazetteer } from '../areas/area.ts';
import { MutationRejection } from '../mutations/mutation-handler.ts';
import type { MutationContext, MutationHandler } from '../mutations/mutation-handler.ts';
import { faultOfTime } from './occurred-at.ts';
import { placeOfPoint } from './place-of-point.ts';
import type { NewReport, ReportWriter } from './report.ts';

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
      const report = reportOf(args, context, gazetteer);
      if (report instanceof MutationRejection) throw report;
      return resultOf(report, await writer.record(tx, report).catch(rejectTakenId));
    },
    async applyAll(tx, mutations) {
      const all = mutations.map(({ args, context }) => reportOf(args, context, gazetteer));
      const reports = all.filter((one): one is NewReport => !(one instanceof MutationRejection));
      const recorded = await writer.recordAll(tx, reports);
      const incidents = new Map(reports.map((report, index) => [report, recorded[index]]));
      return all.map((one) => (one instanceof MutationRejection ? one : resultOf(one, incidents.get(one))));
    },
  };
}

/** The report that a mutation makes, unless its time cannot be. */
function reportOf(
  args: ReportCreateArgs,
  context: MutationContext,
  gazetteer: Gazetteer,
): NewReport | MutationRejection {
  const occurredAt = new Date(args.occurredAt);
  const fault = faultOfTime(occurredAt, context.now, 'occurredAt');
  if (fault !== undefined) return fault;
  return {
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
    register: null,
    knownAt: null,
    place: placeOfPoint(gazetteer, args.location),
  };
}

function resultOf(report: NewReport, recorded: { incidentId: string } | undefined): Record<string, unknown> {
  if (recorded === undefined) throw new Error('a report was recorded without an incident');
  return { reportId: report.id, incidentId: recorded.incidentId };
}

/** An id that another report has already can never be stored: the mutation is at fault, not the server. */
function rejectTakenId(error: unknown): never {
  if (error instanceof DatabaseError && error.constraint === 'reports_pkey')
    throw new MutationRejection('report_id_taken', 'Another report has this id already; report again.');
  throw error;
}
