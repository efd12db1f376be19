import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import { compatible } from '../neighbouring-types.ts';
import { piecesOf, textSimilarity } from '../text-similarity.ts';

/** Official event and reported incident are told at most so far apart in time, in milliseconds. */
export const MATCH_WINDOW_MS = 3 * 60 * 60_000;
/** What else happens in an area is counted over so much time to either side, in milliseconds. */
export const CLUTTER_WINDOW_MS = 48 * 60 * 60_000;
/** From here on it is the same event. */
export const MATCH_PROBABILITY = 0.8;
/** From here on an officer is asked. */
export const CANDIDATE_PROBABILITY = 0.15;

/** Mean difference between the time that an official source gives and the one that people give, in hours. */
const TIME_ERROR_HOURS = 0.5;
/** How often somebody reports at all what an official source tells of. */
const COVERAGE = 0.5;
/** How much likelier an equal type is of one event than of two of compatible types, and a neighbouring one. */
const EQUAL_TYPE = 1.5;
const NEIGHBOURING_TYPE = 0.4;
/** What words in common are worth at most, as a likelihood ratio, and from which similarity on they count. */
const TEXT_RATIO = 8;
const LEAST_SIMILARITY = 0.2;
const MOST_SIMILARITY = 0.6;
const HOUR_MS = 3_600_000;

/** What an official source told of: somewhere in its area. */
export interface OfficialEvent {
  readonly type: IncidentType;
  readonly occurredAt: Date;
  readonly description: string;
}

/** What people reported within that area. */
export interface ReportedIncident {
  readonly id: string;
  readonly type: IncidentType;
  readonly occurredAt: Date;
  readonly description: string;
}

/**
 * How probably each incident of an area is the official event: probabilistic data association (Bar-Shalom and Tse,
 * Tracking in a cluttered environment with probabilistic data association, Automatica 11, 1975), in time instead of space. The
 * area says nothing of where within it, so the evidence is the time, the type and the words; against it stands how much of the kind
 * happens there anyway. In a crowded area, a county's roads for example, even the only incident of the hour may be another one.
 *
 * @param nearby incidents in the area; those out of the window, or of a type that excludes the event's, get zero.
 * @param clutter how many incidents of compatible types lie within `CLUTTER_WINDOW_MS` of the event in this area.
 */
export function associate(
  event: OfficialEvent,
  nearby: readonly ReportedIncident[],
  clutter: number,
): ReadonlyMap<string, number> {
  const hours = (2 * CLUTTER_WINDOW_MS) / HOUR_MS;
  // Never none: that one happened is no proof that two cannot. The one in question is not counted against itself.
  const perHour = Math.max(clutter - 1, 0.5) / hours;
  const likelihoods = nearby.map((incident) => likelihood(event, incident) / perHour);
  const sum = likelihoods.reduce((total, each) => total + each, 0);
  const none = 1 - COVERAGE;
  return new Map(
    nearby.map(({ id }, index) => [id, (COVERAGE * (likelihoods[index] ?? 0)) / (none + COVERAGE * sum)]),
  );
}

/** Density, per hour, of what is known of an incident if it is the event. */
function likelihood(event: OfficialEvent, incident: ReportedIncident): number {
  const apartMs = Math.abs(event.occurredAt.getTime() - incident.occurredAt.getTime());
  if (apartMs > MATCH_WINDOW_MS || !compatible(event.type, incident.type)) return 0;
  const time = Math.exp(-apartMs / HOUR_MS / TIME_ERROR_HOURS) / (2 * TIME_ERROR_HOURS);
  const type = event.type === incident.type ? EQUAL_TYPE : NEIGHBOURING_TYPE;
  const similarity = textSimilarity(piecesOf(event.description), piecesOf(incident.description)) ?? 0;
  const part = (similarity - LEAST_SIMILARITY) / (MOST_SIMILARITY - LEAST_SIMILARITY);
  return time * type * TEXT_RATIO ** Math.min(1, Math.max(0, part));
}

/** An official event and an incident that may be it. */
export interface Pairing {
  readonly officialId: string;
  readonly incidentId: string;
  readonly probability: number;
}

/** What an officer has said about a pairing; the machine never says otherwise. */
export interface Ruling {
  readonly officialId: string;
  readonly incidentId: string;
  readonly state: 'match' | 'rejected';
}

/** What becomes of a pairing. */
export interface Verdict extends Pairing {
  readonly state: 'match' | 'candidate';
}

/**
 * Decides pairings: a match is sure, and the only one that its incident could have; what else is likely enough is a candidate.
 * What officers ruled takes part first: a match of theirs leaves both sides with no other. A function of the set alone.
 */
export function decide(pairings: readonly Pairing[], rulings: readonly Ruling[]): Verdict[] {
  const keyOf = ({ officialId, incidentId }: Ruling | Pairing) => `${officialId} ${incidentId}`;
  const ruled = new Set(rulings.map(keyOf));
  const takenEvents = new Set<string>();
  const takenIncidents = new Set<string>();
  for (const { officialId, incidentId, state } of rulings) {
    if (state !== 'match') continue;
    takenEvents.add(officialId);
    takenIncidents.add(incidentId);
  }
  const likely = pairings.filter(
    (pairing) =>
      pairing.probability >= CANDIDATE_PROBABILITY &&
      !ruled.has(keyOf(pairing)) &&
      !takenEvents.has(pairing.officialId) &&
      !takenIncidents.has(pairing.incidentId),
  );
  const perIncident = new Map<string, number>();
  for (const { incidentId } of likely) perIncident.set(incidentId, (perIncident.get(incidentId) ?? 0) + 1);
  return likely.map((pairing) => {
    const isSure = pairing.probability >= MATCH_PROBABILITY && perIncident.get(pairing.incidentId) === 1;
    return { ...pairing, state: isSure ? 'match' : 'candidate' };
  });
}
