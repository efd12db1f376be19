import { DisjointSets } from './disjoint-sets.ts';
import { extentOf, extentOfAll, fits, isParted, roomless, united } from './group-extent.ts';
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
 * have said so. Those that are `held` by one name are one incident, too, unless officers have parted them: they were one when a
 * report among them was forgotten, whose links nobody can tell any more.
 */
export function groupReports<Report extends Groupable>(reports: readonly Report[]): Group<Report>[] {
  const sorted = reports.toSorted(byId);
  const chains = new DisjointSets();
  joinLinked(chains, sorted);
  for (const [a, b] of [...pinnedPairs(sorted), ...heldPairs(sorted)]) chains.join(a.id, b.id);
  return [...collect(sorted, (report) => chains.rootOf(report.id)).values()].flatMap((chain) => {
    const whole = extentOfAll(chain);
    return whole !== undefined && fits(whole) ? [{ members: chain, contested: false }] : cut(chain);
  });
}

/** A report, and the incident that it belongs to already, if it does. */
type Groupable = Linkable & { readonly incidentId?: string | null };

/** Of so many reports all pairs are compared to find where a chain is to be cut: some 100 ms. */
const MAX_COMPARED = 500;

/**
 * Joins what links, directly or over others. What has been reached is compared no more, so that of thousands in one spot each
 * costs a few comparisons, and not thousands.
 */
function joinLinked(chains: DisjointSets, reports: readonly Linkable[]): void {
  const apart = new Set(inTime(reports));
  for (const start of apart) {
    apart.delete(start);
    const frontier = [start];
    for (let a = frontier.pop(); a !== undefined; a = frontier.pop()) {
      for (const b of apart) {
        // Those that are left come in the order of their times.
        if (b.occurredAt.getTime() - a.occurredAt.getTime() > LINK_WINDOW_MS) break;
        if (evidenceOf(a, b) === undefined) continue;
        apart.delete(b);
        frontier.push(b);
        chains.join(a.id, b.id);
      }
    }
  }
}

function inTime<Report extends Linkable>(reports: readonly Report[]): Report[] {
  return reports.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || byId(a, b));
}

interface LinkAmong<Report> {
  readonly a: Report;
  readonly b: Report;
  readonly bits: number;
}

/** All pairs that link; those of areas of one instant and of points within the window, found along the time. */
function linksAmong<Report extends Linkable>(reports: readonly Report[]): LinkAmong<Report>[] {
  const links: LinkAmong<Report>[] = [];
  const ordered = inTime(reports);
  for (const [index, a] of ordered.entries()) {
    for (let next = index + 1; next < ordered.length; next += 1) {
      const b = ordered[next];
      if (b === undefined || b.occurredAt.getTime() - a.occurredAt.getTime() > LINK_WINDOW_MS) break;
      links.push(...linkOf(a, b));
    }
  }
  return links;
}

/** The links of what is of no incident yet. */
function linksOfNew<Report extends Groupable>(reports: readonly Report[]): LinkAmong<Report>[] {
  return reports
    .filter(isNew)
    .flatMap((a) => reports.flatMap((b) => (isNew(b) && b.id <= a.id ? [] : linkOf(a, b))));
}

function linkOf<Report extends Linkable>(a: Report, b: Report): LinkAmong<Report>[] {
  const bits = evidenceOf(a, b);
  if (bits === undefined) return [];
  return [a.id < b.id ? { a, b, bits } : { a: b, b: a, bits }];
}

/**
 * The parts of a chain that is too long for one incident. Of more than `MAX_COMPARED` reports those that were one incident stay
 * together as far as they fit, and what is new is compared with them.
 */
function cut<Report extends Groupable>(chain: readonly Report[]): Group<Report>[] {
  const isLarge = chain.length > MAX_COMPARED;
  const links = isLarge ? linksOfNew(chain) : linksAmong(chain);
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
  for (const [a, b] of heldPairs(chain)) unite(a, b, (together) => !isParted(together));
  if (isLarge) for (const [a, b] of incidentPairs(chain)) unite(a, b, fits);
  const surestFirst = links.toSorted((x, y) => y.bits - x.bits || byId(x.a, y.a) || byId(x.b, y.b));
  for (const { a, b } of surestFirst) unite(a, b, fits);
  const members = collect(chain, (report) => parts.rootOf(report.id));
  return [...members.values()].map((part) => ({ members: part, contested: members.size > 1 }));
}

function isNew({ incidentId = null }: Groupable): boolean {
  return incidentId === null;
}

/** Each pinned report with the one before it of the same pin. */
function pinnedPairs<Report extends Linkable>(reports: readonly Report[]): (readonly [Report, Report])[] {
  return neighboursBy(reports, ({ pin }) => pin);
}

/** Each held report with the one before it that is held with it. */
function heldPairs<Report extends Linkable>(reports: readonly Report[]): (readonly [Report, Report])[] {
  return neighboursBy(reports, ({ held = null }) => held);
}

/** Each report with the one before it of the same incident. */
function incidentPairs<Report extends Groupable>(reports: readonly Report[]): (readonly [Report, Report])[] {
  return neighboursBy(reports, ({ incidentId = null }) => incidentId);
}

function neighboursBy<Report>(
  reports: readonly Report[],
  keyOf: (report: Report) => string | null,
): (readonly [Report, Report])[] {
  const former = new Map<string, Report>();
  return reports.flatMap((report) => {
    const key = keyOf(report);
    if (key === null) return [];
    const before = former.get(key);
    former.set(key, report);
    return before === undefined ? [] : [[before, report] as const];
  });
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
  joinLinked(chains, arriving);
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
