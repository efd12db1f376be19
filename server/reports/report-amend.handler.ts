import { REPORT_AMEND, reportAmendSchema } from '@halo/shapes/mutations/report-amend.ts';
import type { ReportAmendArgs } from '@halo/shapes/mutations/report-amend.ts';
import type { Gazetteer } from '../areas/area.ts';
import { takeAdvisoryLocks } from '../db/advisory-locks.ts';
import type { Transaction } from '../db/pool.ts';
import { dependsOnRejected, missing, MutationRejection } from '../mutations/mutation-handler.ts';
import type { MutationContext, MutationHandler } from '../mutations/mutation-handler.ts';
import { amendVersion } from './amend.ts';
import type { ReportVersion } from './amend.ts';
import { faultOfTime } from './occurred-at.ts';
import { placeOfPoint } from './place-of-point.ts';
import type { ReportWriter } from './report.ts';
import { keepVersion, placesOf, readOwnReport, readVersion } from './version-store.ts';
import type { OwnReport } from './version-store.ts';

/** What amending needs from outside. */
export interface ReportAmendParts {
  readonly gazetteer: Gazetteer;
  readonly writer: ReportWriter;
}

/**
 * `report.amend`: its author corrects a report. What it said before is kept for him, and the incident that it
 * belonged to and the one that it belongs to now are brought in line.
 */
export function reportAmendHandler({
  gazetteer,
  writer,
}: ReportAmendParts): MutationHandler<ReportAmendArgs> {
  return {
    type: REPORT_AMEND,
    schema: reportAmendSchema,
    subjects: ({ reportId }) => [reportId],
    locks: ({ changes: { location } }) =>
      location === undefined ? [] : writer.locks({ ...location, precision: 'point' }),
    storedLocks: (tx, all) => locksOfReports(tx, writer, all),
    async apply(tx, args, context) {
      const { reportId, changes } = args;
      const report = await lockOwnReport(tx, writer, reportId, context);
      if (report.status === 'withdrawn')
        throw new MutationRejection('report_withdrawn', 'The report has been withdrawn.', 'reportId');
      const amended = amendVersion(report.says, await seenBy(tx, args, report, context), changes);
      if ('conflict' in amended) throw versionConflict(amended.conflict, report.version);
      const { version, incidentId } = report;
      if (!amended.changed) return { reportId, incidentId, version };

      const { location, ...rest } = amended.next;
      if (changes.occurredAt !== undefined) {
        const fault = faultOfTime(rest.occurredAt, context.now, 'changes.occurredAt');
        if (fault !== undefined) throw fault;
      }
      await keepVersion(tx, reportId, context.mutationId);
      const place = placeOfPoint(gazetteer, location);
      const revision = { ...rest, rawType: report.rawType, place, knownAt: null };
      return { reportId, ...(await writer.revise(tx, reportId, revision)), version: version + 1 };
    },
  };
}

/** The keys of the places where reports lie before they are changed. */
export async function locksOfReports(
  tx: Transaction,
  writer: ReportWriter,
  all: readonly { readonly reportId: string }[],
): Promise<readonly bigint[]> {
  const places = await placesOf(
    tx,
    all.map(({ reportId }) => reportId),
  );
  return places.flatMap((place) => writer.locks(place));
}

/**
 * The author's own report, under the locks of the place where it lies. The batch has taken those of reports that were
 * stored by then. One that was stored only while the batch waited is locked here, out of order: should two wait in a
 * circle, Postgres ends one, which is tried again as a whole.
 *
 * @throws MutationRejection when there is none, or it is another's
 */
export async function lockOwnReport(
  tx: Transaction,
  writer: ReportWriter,
  reportId: string,
  context: MutationContext,
): Promise<OwnReport> {
  const report = await readOwnReport(tx, reportId, context.userId);
  if (report === undefined) throw await missing(context, reportId, 'reportId');
  await takeAdvisoryLocks(tx, writer.locks({ ...report.says.location, precision: 'point' }));
  return report;
}

/** The version that the author had before him. */
async function seenBy(
  tx: Transaction,
  args: ReportAmendArgs,
  report: OwnReport,
  context: MutationContext,
): Promise<ReportVersion> {
  const { reportId, version = await versionAfter(args, context) } = args;
  if (version === report.version) return report.says;
  const seen = await readVersion(tx, reportId, version);
  if (seen !== undefined) return seen;
  throw new MutationRejection('version_unknown', `The report has no version ${version}.`, 'version');
}

/** The version that the report had when the mutation that the amend comes after had been applied. */
async function versionAfter({ reportId, after }: ReportAmendArgs, context: MutationContext): Promise<number> {
  const id = after ?? reportId;
  const settled = await context.settled(id);
  if (settled?.status === 'rejected') throw dependsOnRejected(id, settled.code, 'after');
  if (settled === undefined || settled.result['reportId'] !== reportId)
    throw new MutationRejection(
      'not_found',
      'No mutation of this id has made or amended the report.',
      'after',
    );
  const { version } = settled.result;
  // The answer of `report.create` names none: it makes the first.
  return typeof version === 'number' ? version : 1;
}

function versionConflict(field: string, version: number): MutationRejection {
  return new MutationRejection(
    'version_conflict',
    `It was set to something else meanwhile: look at version ${version}, and amend that if it is not right.`,
    `changes.${field}`,
  );
}
