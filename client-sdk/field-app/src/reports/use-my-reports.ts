import { useMemo } from 'react';
import { useLive, useStatus } from '@halo/client/react';
import type { OutboxEntry } from '@halo/client';
import { aboutReports } from '../queue/report-entries.ts';
import { useOutboxBriefs, useOutboxEntries } from '../queue/use-outbox-briefs.ts';
import { useHeld } from '../ui/use-held.ts';
import { MY_REPORTS_SQL, mergeReports, windowOf } from './report-item.ts';
import type { MyReportRow, ReportItem } from './report-item.ts';

const NEWEST_SQL = `${MY_REPORTS_SQL} ORDER BY r.id DESC LIMIT $1`;
const COUNT_SQL = 'SELECT count(*)::int AS n FROM my_reports';
const ONE_SQL = `${MY_REPORTS_SQL} WHERE r.id::text = $1`;
const NO_ENTRIES: readonly OutboxEntry[] = [];

/** Reports of one's own, the newest, and how many there are. */
export interface MyReportsPage {
  readonly items: readonly ReportItem[];
  /** How many there are in all; undefined until that is known. */
  readonly total: number | undefined;
}

/** The newest `limit` reports of one's own, however many there are and however many wait, as they change. */
export function useMyReports(limit: number): MyReportsPage {
  const rows = useHeld(useLive<MyReportRow>(NEWEST_SQL, [limit]));
  const counted = useLive<{ n: number }>(COUNT_SQL)?.[0]?.n;
  const briefs = useOutboxBriefs();
  const about = useMemo(() => aboutReports(briefs ?? []), [briefs]);
  const replicaTotal = Math.max(counted ?? 0, rows?.length ?? 0);
  const { total, fromOutbox } = useMemo(
    () => windowOf(rows, replicaTotal, about, limit),
    [rows, replicaTotal, about, limit],
  );
  const entries = useHeld(useOutboxEntries(fromOutbox));
  const items = useMemo(
    () => mergeReports(rows, entries?.values() ?? NO_ENTRIES, about).slice(0, limit),
    [rows, entries, about, limit],
  );
  const { replica } = useStatus();
  // While the replica opens nothing is known yet of what was delivered.
  const isKnown = briefs !== undefined && (rows !== undefined || replica.state === 'unavailable');
  return { items, total: isKnown ? total : undefined };
}

/** What is known of one report of one's own. */
export interface KnownReport {
  readonly item: ReportItem | undefined;
  /** Its changes that were rejected. */
  readonly rejected: readonly OutboxEntry[];
  /** Whether what is not there is known not to be. */
  readonly isKnown: boolean;
}

const UNKNOWN: KnownReport = { item: undefined, rejected: NO_ENTRIES, isKnown: false };

/**
 * One report of one's own, by its id, wherever in the list it stands. Between the outbox, which it has just left, and a
 * replica that has not answered yet it is what it was; but for what was refused, which leaves the outbox only when it is thrown away.
 */
export function useMyReport(id: string): KnownReport {
  const rows = useLive<MyReportRow>(ONE_SQL, [id]);
  const briefs = useOutboxBriefs();
  const { replica } = useStatus();
  const about = useMemo(() => aboutReports(briefs ?? []), [briefs]);
  const wanted = useMemo(() => {
    const made = about.made.get(id);
    return [...(made === undefined ? [] : [made]), ...(about.changes.get(id) ?? [])];
  }, [about, id]);
  const entries = useHeld(useOutboxEntries(wanted));
  const known = useMemo(() => {
    const all = [...(entries?.values() ?? NO_ENTRIES)];
    const makes = all.filter((entry) => entry.id === id);
    const item = mergeReports(rows, makes, about).find((one) => one.id === id);
    const rejected = all.filter((entry) => entry.id !== id && entry.state === 'rejected');
    const isKnown =
      briefs !== undefined &&
      entries !== undefined &&
      (rows !== undefined || replica.state === 'unavailable');
    return item === undefined && !isKnown ? undefined : { id, item, rejected, isKnown };
  }, [rows, entries, about, briefs, replica, id]);
  const held = useHeld(known);
  const isHeld = held?.id === id && (known !== undefined || held.item?.refused === undefined);
  return isHeld ? held : UNKNOWN;
}
