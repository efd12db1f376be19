/** A pairing of an official event with an incident, as it is stored. */
export interface KeptPairing {
  readonly officialId: string;
  readonly incidentId: string;
  readonly state: 'match' | 'candidate' | 'rejected';
  readonly probability: number;
  readonly decidedBy: string | null;
  readonly byOfficer: boolean;
  readonly decidedAt: Date;
}

/**
 * The pairings of incidents when some have merged into others, on whichever side they stood. Of two of one pair the officer's
 * stands, and of two officers' the newer. What an officer holds for one event leaves the machine no other match of either, and
 * one event is matched with one incident.
 *
 * @param into of each incident that has merged, the one that goes on
 */
export function mergePairings(
  pairings: readonly KeptPairing[],
  into: ReadonlyMap<string, string>,
): KeptPairing[] {
  const renamed = pairings
    .map((pairing) => ({
      ...pairing,
      officialId: into.get(pairing.officialId) ?? pairing.officialId,
      incidentId: into.get(pairing.incidentId) ?? pairing.incidentId,
    }))
    .filter(({ officialId, incidentId }) => officialId !== incidentId);
  const kept: KeptPairing[] = [];
  for (const pairing of renamed.toSorted(strongestFirst)) {
    const same = (other: KeptPairing) => ({
      official: other.officialId === pairing.officialId,
      incident: other.incidentId === pairing.incidentId,
    });
    if (kept.some((other) => same(other).official && same(other).incident)) continue;
    const rivals = kept.filter(
      (other) =>
        other.state === 'match' && (same(other).official || (same(other).incident && other.byOfficer)),
    );
    if (pairing.state === 'rejected' || rivals.length === 0) kept.push(pairing);
    else if (pairing.byOfficer) {
      // Two events that officers hold for one incident may both be it; one event is one incident.
      if (!rivals.some((rival) => same(rival).official)) kept.push(pairing);
    } else if (!rivals.some(({ byOfficer }) => byOfficer)) kept.push({ ...pairing, state: 'candidate' });
  }
  return kept;
}

function strongestFirst(a: KeptPairing, b: KeptPairing): number {
  if (a.byOfficer !== b.byOfficer) return a.byOfficer ? -1 : 1;
  if (a.byOfficer) return b.decidedAt.getTime() - a.decidedAt.getTime();
  return Number(b.state === 'match') - Number(a.state === 'match') || b.probability - a.probability;
}
