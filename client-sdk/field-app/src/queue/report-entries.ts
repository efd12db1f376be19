import type { EntryBrief } from './outbox-briefs.ts';

/** What the outbox holds about reports. */
export interface ReportEntries {
  /** Entries that make a report, by its id. */
  readonly made: ReadonlyMap<string, EntryBrief>;
  /** Entries that change or withdraw one, by its id, in the order they were made. */
  readonly changes: ReadonlyMap<string, readonly EntryBrief[]>;
}

/** Sorts the outbox's entries by the report that they are about; others are left out. */
export function aboutReports(entries: readonly EntryBrief[]): ReportEntries {
  const made = new Map<string, EntryBrief>();
  const changes = new Map<string, EntryBrief[]>();
  for (const entry of entries) {
    if (entry.type === 'report.create') made.set(entry.id, entry);
    if (entry.reportId === undefined) continue;
    const before = changes.get(entry.reportId);
    if (before === undefined) changes.set(entry.reportId, [entry]);
    else before.push(entry);
  }
  return { made, changes };
}
