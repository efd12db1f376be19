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

/**
 * The groups that arriving reports make among themselves and of the incidents they link with. Whole incidents
 * are joined, since an arrival parts nothing: the groups are those that `groupReports` would find in all the
 * reports together, without looking at the pairs of those that were there before.
 *
 * @param reached the incidents that an arriving report links with.
 * @param members the reports of those incidents.
 */
export function groupArrivals<Report extends Linkable & { readonly incidentId: string | null }>(
  arriving: readonly Report[],
  reached: (reportId: string) => ReadonlySet<string>,
  members: readonly Report[],
): Report[][] {
  const joins = new DisjointSets();
  for (const [index, report] of arriving.entries()) {
    for (const incidentId of reached(report.id)) joins.join(report.id, ofIncident(incidentId));
    for (const other of arriving.slice(index + 1)) if (linked(report, other)) joins.join(report.id, other.id);
  }
  const groups = new Map<string, Report[]>();
  for (const report of [...arriving, ...members]) {
    const root = joins.rootOf(report.incidentId === null ? report.id : ofIncident(report.incidentId));
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [report]);
    else group.push(report);
  }
  return [...groups.values()];
}

/** The name of an incident among those of reports: devices choose the ids of reports, and could choose an incident's. */
function ofIncident(incidentId: string): string {
  return `incident ${incidentId}`;
}

/** Sets of ids that only ever join (union-find with path halving; Tarjan and van Leeuwen 1984). */
class DisjointSets {
  readonly #parents = new Map<string, string>();

  rootOf(id: string): string {
    let current = id;
    for (let parent = this.#parents.get(current); parent !== undefined; parent = this.#parents.get(current)) {
      const grandparent = this.#parents.get(parent);
      if (grandparent !== undefined) this.#parents.set(current, grandparent);
      current = parent;
    }
    return current;
  }

  join(a: string, b: string): void {
    const [rootA, rootB] = [this.rootOf(a), this.rootOf(b)];
    if (rootA !== rootB) this.#parents.set(rootB, rootA);
  }
}

/** Order of ids, which for UUIDv7 is the order of their making. */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
