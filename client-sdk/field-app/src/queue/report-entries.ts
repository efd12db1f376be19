import type { OutboxEntry } from '@halo/client';

/** What the outbox holds about reports. */
export interface ReportEntries {
  /** Entries that make a report, by its id. */
  readonly made: ReadonlyMap<string, OutboxEntry>;
  /** Entries that change or withdraw one, by its id, in the order they were made. */
  readonly changes: ReadonlyMap<string, readonly OutboxEntry[]>;
}

/** Sorts the outbox's entries by the report that they are about; others are left out. */
export function aboutReports(entries: readonly OutboxEntry[]): ReportEntries {
  const made = new Map<string, OutboxEntry>();
  const changes = new Map<string, OutboxEntry[]>();
  for (const entry of entries) {
    if (entry.type === 'report.create') made.set(entry.id, entry);
    const reportId = reportChangedBy(entry);
    if (reportId === undefined) continue;
    const before = changes.get(reportId);
    if (before === undefined) changes.set(reportId, [entry]);
    else before.push(entry);
  }
  return { made, changes };
}

/** The report that an entry changes or withdraws, if it is such a one. */
export function reportChangedBy({ type, args }: Pick<OutboxEntry, 'type' | 'args'>): string | undefined {
  if (type !== 'report.amend' && type !== 'report.withdraw') return undefined;
  const { reportId } = args as { readonly reportId?: unknown };
  return typeof reportId === 'string' ? reportId : undefined;
}
