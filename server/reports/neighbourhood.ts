import type { Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { lockIncidents } from './incident-store.ts';
import type { LockedIncident } from './incident-store.ts';
import type { StoredReport } from './report-row.ts';
import * as store from './report-store.ts';

/** How often others may move the reports of the neighbourhood while its incidents are being locked. */
const MAX_MOVES = 30;
/**
 * Chains that were cut are looked at as wholes up to so many reports. In a longer one what is near is grouped alone: the
 * place of a cut may then depend on the order in which reports came.
 */
const MAX_CHAIN = 2_000;

/** The incidents that a change can touch, locked, with their reports. */
export interface Neighbourhood {
  readonly incidentIds: readonly string[];
  readonly members: readonly StoredReport[];
  /** Those of the incidents that were cut from others; see `groupReports`. */
  readonly contested: ReadonlySet<string>;
  /** The incidents that a report of the change links with. */
  readonly reached: (reportId: string) => ReadonlySet<string>;
}

/** What is about to change: reports that are stored already, and reports as they will be. */
export interface Change {
  readonly stored: readonly string[];
  readonly after: readonly StoredReport[];
}

/**
 * Locks the incidents that a change can touch: the stored reports' own, those of the reports that will
 * be linked with, and those that hang together with these over a cut. Which reports are linked with is asked once: whoever
 * adds, revises or withdraws one of them holds an advisory lock in common with the caller, or waits for the row of an
 * incident that is locked here. But their incidents may have members far beyond those locks and
 * be merged or split by somebody else at this moment. So once the rows are locked it is read again where the
 * reports are, until none is outside of them. The reports' rows are not locked: whoever moves reports locks
 * their incidents first, and two orders of locking would make a deadlock.
 */
export async function lockNeighbourhood(tx: Transaction, { stored, after }: Change): Promise<Neighbourhood> {
  const links = after.length === 0 ? [] : await store.findLinks(tx, after);
  const touched = new Set([...links.map(({ toId }) => toId), ...stored]);
  const locked = new Map<string, LockedIncident>();
  const loaded = new Map<string, readonly StoredReport[]>();
  const searched = new Set<string>();
  let incidentOf: ReadonlyMap<string, string | null> =
    stored.length === 0
      ? new Map(links.map(({ toId, incidentId }) => [toId, incidentId]))
      : await store.incidentsOf(tx, [...touched]);
  // Each round either locks incidents or reaches reports of others, of which there are `MAX_CHAIN` at most.
  for (let moves = 0; moves < MAX_MOVES;) {
    const wanted = [...new Set(incidentOf.values())].filter((id) => id !== null);
    if (wanted.some((id) => !locked.has(id))) {
      for (const [id, state] of await lockIncidents(tx, [...locked.keys(), ...wanted])) locked.set(id, state);
      const before = incidentOf;
      incidentOf = await store.incidentsOf(tx, [...touched]);
      if ([...incidentOf].some(([id, incidentId]) => before.get(id) !== incidentId)) moves += 1;
      continue;
    }
    const incidentIds = wanted.filter((id) => locked.get(id)?.isMerged === false);
    // What a locked incident holds changes no more.
    await load(tx, loaded, incidentIds);
    const members = incidentIds.flatMap((id) => loaded.get(id) ?? []);
    const contested = new Set(incidentIds.filter((id) => locked.get(id)?.contested === true));
    const beyond = await linkedBeyond(tx, members, contested, searched);
    if (beyond.length === 0)
      return { incidentIds, members, contested, reached: reachedBy(links, incidentOf) };
    for (const id of beyond) touched.add(id);
    incidentOf = await store.incidentsOf(tx, [...touched]);
  }
  throw new HaloError('incident_contended', 'The incident is being changed too often at this moment.', {
    status: 503,
    hint: 'Try again.',
  });
}

/** Reads the reports of the incidents that have not been read yet. */
async function load(
  tx: Transaction,
  loaded: Map<string, readonly StoredReport[]>,
  incidentIds: readonly string[],
): Promise<void> {
  const fresh = incidentIds.filter((id) => !loaded.has(id));
  if (fresh.length === 0) return;
  const byIncident = new Map<string, StoredReport[]>(fresh.map((id) => [id, []]));
  for (const member of await store.membersOf(tx, fresh))
    byIncident.get(member.incidentId ?? '')?.push(member);
  for (const [id, members] of byIncident) loaded.set(id, members);
}

/** The reports outside of contested incidents that reports within link with, none twice. */
async function linkedBeyond(
  tx: Transaction,
  members: readonly StoredReport[],
  contested: ReadonlySet<string>,
  searched: Set<string>,
): Promise<string[]> {
  if (contested.size === 0 || members.length > MAX_CHAIN) return [];
  const fresh = members.filter(({ id, incidentId }) => contested.has(incidentId ?? '') && !searched.has(id));
  if (fresh.length === 0) return [];
  for (const { id } of fresh) searched.add(id);
  const known = new Set(members.map(({ id }) => id));
  const links = await store.findLinks(tx, fresh);
  return [...new Set(links.map(({ toId }) => toId))].filter((id) => !known.has(id));
}

function reachedBy(
  links: readonly store.Link[],
  incidentOf: ReadonlyMap<string, string | null>,
): (reportId: string) => ReadonlySet<string> {
  const reached = new Map<string, Set<string>>();
  for (const { reportId, toId } of links) {
    const incidentId = incidentOf.get(toId) ?? null;
    if (incidentId === null) continue;
    const incidentIds = reached.get(reportId) ?? new Set();
    reached.set(reportId, incidentIds.add(incidentId));
  }
  return (reportId) => reached.get(reportId) ?? new Set();
}
