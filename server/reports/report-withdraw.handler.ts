import { REPORT_WITHDRAW, reportWithdrawSchema } from '@halo/shapes/mutations/report-withdraw.ts';
import type { ReportWithdrawArgs } from '@halo/shapes/mutations/report-withdraw.ts';
import type { MutationHandler } from '../mutations/mutation-handler.ts';
import { lockOwnReport, locksOfReports } from './report-amend.handler.ts';
import type { ReportWriter } from './report.ts';

/**
 * `report.withdraw`: its author takes a report back, and the incident loses it; the last one closes it. A report
 * that is withdrawn already, say from another device, is what he wanted.
 */
export function reportWithdrawHandler(writer: ReportWriter): MutationHandler<ReportWithdrawArgs> {
  return {
    type: REPORT_WITHDRAW,
    schema: reportWithdrawSchema,
    subjects: ({ reportId }) => [reportId],
    locks: () => [],
    storedLocks: (tx, all) => locksOfReports(tx, writer, all),
    async apply(tx, { reportId }, context) {
      const { version } = await lockOwnReport(tx, writer, reportId, context);
      await writer.withdraw(tx, reportId);
      return { reportId, version };
    },
  };
}
