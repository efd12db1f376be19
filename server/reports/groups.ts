import { DisjointSets } from './disjoint-sets.ts';
import { extentOf, fits, roomless, united } from './group-extent.ts';
import type { GroupExtent } from './group-extent.ts';
import { evidenceOf, LINK_WINDOW_MS } from './linking.ts';
import type { Linkable } from './linking.ts';

/** Reports that are one incident. */
export interface Group<Report> {
  /** In the order of their ids. */
  readonly members: readonly Report[];
  /** Some of its reports link with reports of other groups, or are kept apart from them: what comes here may move others. */
  readonly contested: boolean;
}

/**
 * The incidents of a set of reports, and of the set alone: no matter in what order they came.
 *
 * What links, directly or over others, is one incident if it fits into one (`fits`). A chain that does not is cut: its links
 * are taken from the surest to the least sure, and each joins two parts unless these would not fit together (single-linkage
 * clustering by Kruskal's order of links, Gower and Ross 1969, under constraints as in Davidson and Ravi 2005). No rule that
 * joins every two reports which link can do without the cut: it would chain without end, or depend on the order. Up to the bound a
 * late report only ever joins what was there; at the bound it may move the place of the cut.
 *
 * Reports with one `pin` are one incident whatever else is true of them, and those with different ones never are: officers
 * have said so.
 */
export function groupReports<Report extends Linkable>(reports: readonly Report[]): Group<Report>[] {
  const sorted = reports.toSorted(byId);
  const links = linksAmong(sorted);
  const chains = new DisjointSets();
  for (const { a, b } of links) chains.join(a.id, b.id);
  for (const [a, b] of pinnedPairs(sorted)) chains.join(a.id, b.id);
  return [...collect(sorted, (report) => chains.rootOf(report.id)).values()].flatMap((chain) => {
    const whole = extentOfAll(chain);
    if (whole !== undefined && fits(whole)) return [{ members: chain, contested: false }];
    const root = chains.rootOf(chain[0]?.id ?? '');
    return cut(
      chain,
      links.filter(({ a }) => chains.rootOf(a.id) === root),
    );
  });
}

interface LinkAmong<Report> {
  readonly a: Report;
  readonly b: Report;
  readonly bits: number;
}

/** All pairs that link; those of areas of one instant and of points within the window, found along the time. */
function linksAmong<Report extends Linkable>(reports: readonly Report[]): LinkAmong<Report>[] {
  const links: LinkAmong<Report>[] = [];
  const inTime = reports.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || byId(a, b));
  for (const [index, a] of inTime.entries()) {
    for (let next = index + 1; next < inTime.length; next += 1) {
      const b = inTime[next];
      if (b === undefined || b.occurredAt.getTime() - a.occurredAt.getTime() > LINK_WINDOW_MS) break;
      const bits = evidenceOf(a, b);
      if (bits !== undefined) links.push(a.id < b.id ? { a, b, bits } : { a: b, b: a, bits });
    }
  }
  return links;
}

/** The parts of a chain that is too long for one incident. */
function cut<Report extends Linkable>(
  chain: readonly Report[],
  links: readonly LinkAmong<Report>[],
): Group<Report>[] {
  const parts = new DisjointSets();
  const extents = new Map<string, GroupExtent>(chain.map((report) => [report.id, extentOf(report)]));
  const unite = (a: Report, b: Report, isAllowed: (together: GroupExtent) => boolean) => {
    const [rootA, rootB] = [parts.rootOf(a.id), parts.rootOf(b.id)];
    const [extentA, extentB] = [extents.get(rootA), extents.get(rootB)];
    if (rootA === rootB || extentA === undefined || extentB === undefined) return;
    const together = united(extentA, extentB);
    if (isAllowed(together)) extents.set(parts.join(a.id, b.id), together);
  };
  for (const [a, b] of pinnedPairs(chain)) unite(a, b, () => true);
  for (const [root, extent] of extents)
    if (extent.pin !== null && !fits(extent)) extents.set(root, roomless(extent));
  const surestFirst = links.toSorted((x, y) => y.bits - x.bits || byId(x.a, y.a) || byId(x.b, y.b));
  for (const { a, b } of surestFirst) unite(a, b, fits);
  const members = collect(chain, (report) => parts.rootOf(report.id));
  return [...members.values()].map((part) => ({ members: part, contested: members.size > 1 }));
}

/** Each pinned report with the one before it of the same pin. */
function pinnedPairs<Report extends Linkable>(reports: readonly Report[]): (readonly [Report, Report])[] {
  const former = new Map<string, Report>();
  return reports.flatMap((report) => {
    if (report.pin === null) return [];
    const before = former.get(report.pin);
    former.set(report.pin, report);
    return before === undefined ? [] : [[before, report] as const];
  });
}

function extentOfAll(reports: readonly Linkable[]): GroupExtent | undefined {
  return reports
    .map(extentOf)
    .reduce<GroupExtent | undefined>(
      (whole, extent) => (whole === undefined ? extent : united(whole, extent)),
      undefined,
    );
}

/**
 * The groups that arriving reports make among themselves and of the incidents they link with. Where all fits into one
 * incident, incidents are joined as wholes: the groups are those that `groupReports` finds in all the reports together, without
 * looking at the pairs of those that were there before.
 *
 * @param reached the incidents that an arriving report links with.
 * @param members the reports of those incidents, and of all that contested ones among them hang together with.
 */
export function groupArrivals<Report extends Linkable & { readonly incidentId: string | null }>(
  arriving: readonly Report[],
  reached: (reportId: string) => ReadonlySet<string>,
  members: readonly Report[],
  contested: ReadonlySet<string>,
): Group<Report>[] {
  const chains = new DisjointSets();
  for (const { id } of arriving)
    for (const incidentId of reached(id)) chains.join(id, ofIncident(incidentId));
  for (const { a, b } of linksAmong(arriving)) chains.join(a.id, b.id);
  // What hangs together over a cut is looked at as one.
  const [first, ...others] = contested;
  for (const other of others) if (first !== undefined) chains.join(ofIncident(first), ofIncident(other));
  const nameOf = ({ id, incidentId }: Report) => (incidentId === null ? id : ofIncident(incidentId));
  return [...collect([...arriving, ...members], (report) => chains.rootOf(nameOf(report))).values()].flatMap(
    (chain) => {
      const isContested = chain.some(({ incidentId }) => incidentId !== null && contested.has(incidentId));
      const whole = isContested ? undefined : extentOfAll(chain);
      if (whole === undefined || !fits(whole)) return groupReports(chain);
      return [{ members: chain.toSorted(byId), contested: false }];
    },
  );
}

/** The name of an incident among those of reports: devices choose the ids of reports, and could choose an incident's. */
function ofIncident(incidentId: string): string {
  return `incident ${incidentId}`;
}

function collect<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const collected = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const held = collected.get(key);
    if (held === undefined) collected.set(key, [item]);
    else held.push(item);
  }
  return collected;
}

/** Order of ids, which for UUIDv7 is the order of their making. */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
