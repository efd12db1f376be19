import { linked } from './linking.ts';
import type { Linkable } from './linking.ts';

/**
 * The connected groups of reports under `linked`: each report with all that it links with, directly or over
 * others. Groups and their members come in the order of the reports' ids, so that the answer depends on the
 * set alone. Quadratic in the reports given, which are those of a few incidents.
 */
export function groupReports<Report extends Linkable>(reports: readonly Report[]): Report[][] {
  const waiting = new Map(reports.toSorted(byId).map((report) => [report.id, report]));
  const groups: Report[][] = [];
  for (const first of waiting.values()) {
    waiting.delete(first.id);
    const group = [first];
    // The group grows while it is walked: each member brings in those that wait and link with it.
    for (const member of group) {
      for (const other of waiting.values()) {
        if (!linked(member, other)) continue;
        waiting.delete(other.id);
        group.push(other);
      }
    }
    groups.push(group.toSorted(byId));
  }
  return groups;
}

/** Order of ids, which for UUIDv7 is the order of their making. */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
