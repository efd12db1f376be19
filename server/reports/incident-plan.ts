import { byId } from './groups.ts';
import type { Group } from './groups.ts';

/** A report with the incident that it belonged to before; null for a new one. */
export interface Placed {
  readonly id: string;
  readonly incidentId: string | null;
}

/** Which incident each group becomes, and what happens to the incidents that no group kept. */
export interface IncidentPlan<Report extends Placed> {
  readonly groups: readonly (Group<Report> & { readonly incidentId: string; readonly isNew: boolean })[];
  /**
   * Incidents whose reports went to another one, with the survivor; whether it inherits what officers decided. It does not where the
   * revised report was all that they spoke of: they spoke of what it said before.
   */
  readonly merged: readonly { readonly id: string; readonly into: string; readonly inherits: boolean }[];
  /** Incidents that no active report is left of. */
  readonly emptied: readonly string[];
}

/**
 * Gives groups of reports their incidents so that ids stay where most reports stay. An incident belongs to
 * the group with most of its reports (the one with the smallest report id, when two have as many). A group
 * with several keeps the smallest id, which is the oldest incident, and the others merge into it; a group
 * with none becomes a new incident. Groups depend on the reports alone; which id a group has may depend on
 * the order in which they arrived.
 *
 * @param revisedId a report that is being changed. It does not count: an incident stays where the others are,
 * and one that it alone was joins that of others, so that who corrects a place carries nobody's incident off.
 */
export function planIncidents<Report extends Placed>(
  groups: readonly Group<Report>[],
  incidentIds: readonly string[],
  newId: () => string,
  revisedId?: string,
): IncidentPlan<Report> {
  const owned = groups.map(() => ({ firmly: [] as string[], loosely: [] as string[] }));
  const emptied: string[] = [];
  const ownerOf = ownersOf(groups, revisedId);
  for (const id of incidentIds.toSorted()) {
    const owner = ownerOf(id);
    if (owner === undefined) emptied.push(id);
    else owned[owner.index]?.[owner.count > 0 ? 'firmly' : 'loosely'].push(id);
  }
  const planned = groups.map((group, index) => {
    const { firmly, loosely } = owned[index] ?? { firmly: [], loosely: [] };
    const [kept, ...others] = [...firmly, ...loosely];
    const isFirm = new Set(firmly);
    const merged = others.map((id) => ({ id, inherits: isFirm.has(id) }));
    return { ...group, incidentId: kept ?? newId(), isNew: kept === undefined, merged };
  });
  return {
    groups: planned.map(({ merged: _, ...group }) => group),
    merged: planned.flatMap(({ incidentId, merged }) => merged.map((one) => ({ ...one, into: incidentId }))),
    emptied,
  };
}

interface Owner {
  readonly index: number;
  readonly count: number;
  readonly first: Placed;
}

/** Of each incident the group with most of its reports, and how many these are, the revised one not counted. */
function ownersOf(
  groups: readonly Group<Placed>[],
  revisedId: string | undefined,
): (incidentId: string) => Owner | undefined {
  const owners = new Map<string, Owner>();
  for (const [index, { members }] of groups.entries())
    for (const [incidentId, all] of membersByIncident(members)) {
      const unchanged = all.filter(({ id }) => id !== revisedId);
      const first = unchanged[0] ?? all[0];
      if (first === undefined) continue;
      const count = unchanged.length;
      const owner = owners.get(incidentId);
      const better =
        owner === undefined || count > owner.count || (count === owner.count && byId(first, owner.first) < 0);
      if (better) owners.set(incidentId, { index, count, first });
    }
  return (incidentId) => owners.get(incidentId);
}

/** The reports that belonged to an incident before, in the order of their ids. */
function membersByIncident(members: readonly Placed[]): Map<string, Placed[]> {
  const byIncident = new Map<string, Placed[]>();
  for (const member of members.toSorted(byId)) {
    if (member.incidentId === null) continue;
    const known = byIncident.get(member.incidentId);
    if (known === undefined) byIncident.set(member.incidentId, [member]);
    else known.push(member);
  }
  return byIncident;
}
