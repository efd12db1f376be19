import type { OutboxEntry } from '@halo/client';
import type { ReportSaid } from '../report/amend-draft.ts';
import { draftOfRejected } from '../report/report-draft.ts';
import { aboutReports } from './report-entries.ts';
import type { ReportEntries } from './report-entries.ts';

/** How far a report of one's own has come, the furthest last but for the ends that nobody wishes. */
export type ReportStage =
  | 'queued'
  | 'delivered'
  | 'linked'
  | 'corroborated'
  | 'verified'
  | 'disputed'
  | 'dismissed'
  | 'rejected'
  | 'withdrawn';

/** A row of the replica's `my_reports`, with what is public about its incident where the device has that. */
export type MyReportRow = ReportSaid & {
  readonly id: string;
  readonly municipality: string | null;
  readonly status: string;
  /** Null until the server has taken the report. */
  readonly version: number | null;
  readonly sync_state: string;
  readonly verification: string | null;
  readonly report_count: number | null;
};

/** Reads reports of one's own; the caller adds what it wants of them. */
export const MY_REPORTS_SQL = `
  SELECT r.id, r.type, r.severity, r.occurred_at, r.description, r.lat, r.lon, r.accuracy_m, r.municipality,
    r.status, r.version, r.sync_state, i.verification, i.report_count
  FROM my_reports r LEFT JOIN incidents i ON i.id = r.incident_id`;

/** A report of one's own as the list shows it. */
export interface ReportItem {
  readonly id: string;
  readonly type: string;
  readonly severity: number | undefined;
  readonly occurredAt: Date | undefined;
  readonly description: string;
  readonly municipality: string | undefined;
  readonly stage: ReportStage;
  /** Other reports of the same incident; undefined where the device does not know its incident. */
  readonly others: number | undefined;
  /** What the replica has of it; undefined where only the outbox knows it. */
  readonly row: MyReportRow | undefined;
  /** The entry that makes it, where the server has rejected that. */
  readonly refused: OutboxEntry | undefined;
  /** Its changes and its withdrawal that wait or were rejected, in the order they were made. */
  readonly changes: readonly OutboxEntry[];
}

/**
 * One list out of the replica and the outbox. The outbox alone says what is rejected, and it fills in for a
 * replica that cannot be opened. The newest first: the ids are in the order of time.
 */
export function mergeReports(
  rows: readonly MyReportRow[] | undefined,
  entries: readonly OutboxEntry[] | undefined,
): readonly ReportItem[] {
  const about = aboutReports(entries ?? []);
  const items = new Map((rows ?? []).map((row) => [row.id, itemOfRow(row, about)]));
  for (const entry of about.made.values()) {
    if (entry.state === 'rejected' || !items.has(entry.id)) items.set(entry.id, itemOfEntry(entry, about));
  }
  return [...items.values()].toSorted((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
}

const NO_ENTRIES: readonly OutboxEntry[] = [];
const JUDGED: ReadonlySet<string> = new Set(['corroborated', 'verified', 'disputed', 'dismissed']);

function itemOfRow(row: MyReportRow, { changes }: ReportEntries): ReportItem {
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    occurredAt: row.occurred_at,
    description: row.description,
    municipality: row.municipality ?? undefined,
    stage: stageOf(row),
    others: row.report_count === null ? undefined : Math.max(0, row.report_count - 1),
    row,
    refused: undefined,
    changes: changes.get(row.id) ?? NO_ENTRIES,
  };
}

/** A change that waits does not send a delivered report back: only what has no version yet is still queued. */
function stageOf({ status, version, sync_state, verification, report_count }: MyReportRow): ReportStage {
  if (status === 'withdrawn') return 'withdrawn';
  if (version === null && sync_state === 'queued') return 'queued';
  if (verification !== null && JUDGED.has(verification)) return verification as ReportStage;
  return (report_count ?? 0) > 1 ? 'linked' : 'delivered';
}

function itemOfEntry(entry: OutboxEntry, { changes }: ReportEntries): ReportItem {
  const draft = draftOfRejected(entry.id, entry.args);
  const at = new Date(draft.earlierAt);
  const rejected = entry.state === 'rejected';
  return {
    id: entry.id,
    type: draft.type === '' ? entry.type : draft.type,
    severity: draft.severity,
    occurredAt: Number.isNaN(at.getTime()) ? undefined : at,
    description: draft.description,
    municipality: undefined,
    stage: rejected ? 'rejected' : 'queued',
    others: undefined,
    row: undefined,
    refused: rejected ? entry : undefined,
    changes: changes.get(entry.id) ?? NO_ENTRIES,
  };
}
