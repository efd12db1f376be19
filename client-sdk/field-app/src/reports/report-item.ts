import type { OutboxEntry } from '@halo/client';
import type { ReportSaid } from '../report/amend-draft.ts';
import { draftOfArgs } from '../report/report-draft.ts';
import type { EntryBrief } from '../queue/outbox-briefs.ts';
import type { ReportEntries } from '../queue/report-entries.ts';

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
  readonly district: string | null;
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
    r.district, r.status, r.version, r.sync_state, i.verification, i.report_count
  FROM my_reports r LEFT JOIN incidents i ON i.id = r.incident_id`;

/** A report of one's own as the list shows it. */
export interface ReportItem {
  readonly id: string;
  readonly type: string;
  readonly severity: number | undefined;
  readonly occurredAt: Date | undefined;
  readonly description: string;
  readonly municipality: string | undefined;
  /** Where the server has districts' outlines. */
  readonly district: string | undefined;
  readonly stage: ReportStage;
  /** Other reports of the same incident; undefined where the device does not know its incident. */
  readonly others: number | undefined;
  /** What the replica has of it; undefined where only the outbox knows it. */
  readonly row: MyReportRow | undefined;
  /** The entry that makes it, where the server has rejected that. */
  readonly refused: OutboxEntry | undefined;
  /** Its changes and its withdrawal that wait or were rejected, in the order they were made. */
  readonly changes: readonly EntryBrief[];
}

/** Of how many reports the newest are listed, and which of them the outbox must be asked for. */
export interface ReportWindow {
  readonly total: number;
  /** Entries that make one of the newest, where they alone say what it is, or why it was refused. */
  readonly fromOutbox: readonly EntryBrief[];
}

/**
 * What the newest `limit` reports are made of. The replica has all that were delivered, and those that wait; the outbox
 * alone says what is rejected, and fills in for a replica that cannot be opened.
 *
 * @param rows the newest `limit` of the replica; undefined where it cannot be asked.
 * @param total how many it has.
 */
export function windowOf(
  rows: readonly Pick<MyReportRow, 'id'>[] | undefined,
  total: number,
  { made }: ReportEntries,
  limit: number,
): ReportWindow {
  const known = new Set((rows ?? []).map(({ id }) => id));
  const rejected = [...made.values()].filter(({ state }) => state === 'rejected');
  const alone = [...made.values()].filter(({ id, state }) => state === 'rejected' || !known.has(id));
  const newest = [...new Set([...known, ...alone.map(({ id }) => id)])].toSorted(byNewest).slice(0, limit);
  const drawn = new Set(newest);
  return {
    total: rows === undefined ? made.size : total + rejected.filter(({ id }) => !known.has(id)).length,
    fromOutbox: alone.filter(({ id }) => drawn.has(id)),
  };
}

/**
 * One list out of the replica's rows and the entries that make reports, the newest first: the ids are in the order of
 * time.
 */
export function mergeReports(
  rows: readonly MyReportRow[] | undefined,
  entries: Iterable<OutboxEntry>,
  about: ReportEntries,
): readonly ReportItem[] {
  const items = new Map((rows ?? []).map((row) => [row.id, itemOfRow(row, about)]));
  for (const entry of entries) {
    if (entry.state === 'rejected' || !items.has(entry.id)) items.set(entry.id, itemOfEntry(entry, about));
  }
  return [...items.values()].toSorted((a, b) => byNewest(a.id, b.id));
}

const byNewest = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);

const NO_ENTRIES: readonly EntryBrief[] = [];
const JUDGED: ReadonlySet<string> = new Set(['corroborated', 'verified', 'disputed', 'dismissed']);

function itemOfRow(row: MyReportRow, { changes }: ReportEntries): ReportItem {
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    occurredAt: row.occurred_at,
    description: row.description,
    municipality: row.municipality ?? undefined,
    district: row.district ?? undefined,
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
  const draft = draftOfArgs(entry.args);
  const at = new Date(draft.earlierAt);
  const rejected = entry.state === 'rejected';
  return {
    id: entry.id,
    type: draft.type === '' ? entry.type : draft.type,
    severity: draft.severity,
    occurredAt: Number.isNaN(at.getTime()) ? undefined : at,
    description: draft.description,
    municipality: undefined,
    district: undefined,
    stage: rejected ? 'rejected' : 'queued',
    others: undefined,
    row: undefined,
    refused: rejected ? entry : undefined,
    changes: changes.get(entry.id) ?? NO_ENTRIES,
  };
}
