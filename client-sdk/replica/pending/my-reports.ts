import { REPORT_AMEND } from '@halo/shapes/mutations/report-amend.ts';
import type { ReportAmendArgs, ReportChanges } from '@halo/shapes/mutations/report-amend.ts';
import { REPORT_CREATE } from '@halo/shapes/mutations/report-create.ts';
import type { ReportCreateArgs } from '@halo/shapes/mutations/report-create.ts';
import { REPORT_WITHDRAW } from '@halo/shapes/mutations/report-withdraw.ts';
import type { ReportWithdrawArgs } from '@halo/shapes/mutations/report-withdraw.ts';
import type { OptimisticView, PendingMutation, RowPatch } from './optimistic-view.ts';

/** Reports made, amended and withdrawn. Their version, area and incident are the server's to say. */
export const myReportsView: OptimisticView = {
  shape: 'my_reports',
  columns: [
    'type',
    'severity',
    'occurred_at',
    'description',
    'lat',
    'lon',
    'accuracy_m',
    'status',
    'updated_at',
  ],
  subjectOf({ id, type, args }) {
    if (type === REPORT_CREATE) return id;
    if (type === REPORT_AMEND) return (args as ReportAmendArgs).reportId;
    if (type === REPORT_WITHDRAW) return (args as ReportWithdrawArgs).reportId;
    return undefined;
  },
  fold: (mutations) => mutations.reduce(after, { kind: 'change', values: {} }),
};

function after(before: RowPatch, { type, args, createdAt }: PendingMutation): RowPatch {
  const values = { ...before.values, updated_at: createdAt };
  switch (type) {
    case REPORT_CREATE:
      return { kind: 'make', values: { ...said(args as ReportCreateArgs), status: 'active', ...values } };
    case REPORT_AMEND:
      return { ...before, values: { ...values, ...said((args as ReportAmendArgs).changes) } };
    default:
      return { ...before, values: { ...values, status: 'withdrawn' } };
  }
}

function said({ type, severity, occurredAt, description, location }: ReportChanges): RowPatch['values'] {
  const place =
    location === undefined ? {} : { lat: location.lat, lon: location.lon, accuracy_m: location.accuracyM };
  const fields = { type, severity, occurred_at: occurredAt, description };
  return {
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    ...place,
  };
}
