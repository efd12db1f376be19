import type { OutboxEntry } from '@halo/client';
import { draftOfRejected } from '../report/report-draft.ts';

/** Where a report of one's own stands. */
export type ReportState = 'queued' | 'delivered' | 'rejected' | 'withdrawn';

/** A row of the replica's `my_reports`. */
export type MyReportRow = {
  readonly id: string;
  readonly type: string;
  readonly severity: number;
  readonly occurred_at: Date;
  readonly description: string;
  readonly municipality: string | null;
  readonly status: string;
  readonly sync_state: string;
};

/** A report of one's own as the list shows it. */
export interface ReportItem {
  readonly id: string;
  readonly type: string;
  readonly severity: number | undefined;
  readonly occurredAt: Date | undefined;
  readonly description: string;
  readonly municipality: string | undefined;
  readonly state: ReportState;
  readonly rejection: OutboxEntry['rejection'];
  /** Of a rejected one: what was sent, to be mended. */
  readonly args: unknown;
}

/**
 * One list out of the replica and the outbox. The outbox alone says what is rejected, and it fills in for a
 * replica that cannot be opened. The newest first: the ids are in the order of time.
 */
export function mergeReports(
  rows: readonly MyReportRow[] | undefined,
  entries: readonly OutboxEntry[] | undefined,
): readonly ReportItem[] {
  const items = new Map((rows ?? []).map((row) => [row.id, itemOfRow(row)]));
  for (const entry of entries ?? []) {
    if (entry.state === 'rejected' || !items.has(entry.id)) items.set(entry.id, itemOfEntry(entry));
  }
  return [...items.values()].toSorted((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
}

function itemOfRow(row: MyReportRow): ReportItem {
  const delivered = row.status === 'withdrawn' ? 'withdrawn' : 'delivered';
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    occurredAt: row.occurred_at,
    description: row.description,
    municipality: row.municipality ?? undefined,
    state: row.sync_state === 'queued' ? 'queued' : delivered,
    rejection: undefined,
    args: undefined,
  };
}

function itemOfEntry(entry: OutboxEntry): ReportItem {
  const draft = draftOfRejected(entry.id, entry.args);
  const at = new Date(draft.earlierAt);
  return {
    id: entry.id,
    type: draft.type === '' ? entry.type : draft.type,
    severity: draft.severity,
    occurredAt: Number.isNaN(at.getTime()) ? undefined : at,
    description: draft.description,
    municipality: undefined,
    state: entry.state === 'rejected' ? 'rejected' : 'queued',
    rejection: entry.rejection,
    args: entry.args,
  };
}
