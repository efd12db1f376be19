import { z } from 'zod';

/** Arguments of `report.withdraw`: the author takes the report back, whatever version he saw of it. */
export const reportWithdrawSchema = z.strictObject({ reportId: z.uuid().toLowerCase() });

export const REPORT_WITHDRAW = 'report.withdraw';

export type ReportWithdrawArgs = z.output<typeof reportWithdrawSchema>;
