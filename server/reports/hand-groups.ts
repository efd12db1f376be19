import { recordAct } from '../audit/audit-log.ts';
import type { Actor } from '../audit/audit-log.ts';
import type { Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { membersOf, reportIdsOf } from './report-store.ts';
import type { ReportWriter } from './report.ts';
import { insertTransition, lockLiveIncident, lockLiveIncidents } from './transition-store.ts';
import type { LiveIncident } from './transition-store.ts';

/** Who does it, why, and under which id it is kept. */
export interface HandWork {
  readonly id: string;
  readonly officer: Actor;
  readonly note: string;
}

/** What arranging by hand needs from outside. */
export interface HandParts {
  readonly writer: ReportWriter;
  /** Makes a pin, or the id of a record. */
  readonly newId: () => string;
}

/**
 * Makes several incidents one, for ever: whatever the machine finds later leaves them together. The oldest id stays, and the
 * others point to it.
 *
 * @returns the incident that they are now
 * @throws HaloError `not_found` when one of them is none, or has no reports
 */
export async function joinIncidents(
  tx: Transaction,
  { writer, newId }: HandParts,
  incidentIds: readonly string[],
  work: HandWork,
): Promise<string> {
  const distinct = (await lockLiveIncidents(tx, incidentIds)) ?? [];
  const [first] = distinct;
  if (first === undefined || distinct.some(({ reportCount }) => reportCount === 0)) throw notFound();
  if (distinct.length === 1) return first.id;
  const ids = distinct.map(({ id }) => id);
  const members = await membersOf(tx, ids);
  const pin = newId();
  // What was withdrawn, too: it may come back, and its old pin would keep it apart.
  const incidentOf = await writer.arrange(tx, new Map((await reportIdsOf(tx, ids)).map((id) => [id, pin])));
  const joined = incidentOf(members[0]?.id ?? '');
  for (const incident of distinct)
    await keep(tx, incident, 'joined', { ...work, id: incident === first ? work.id : newId() });
  await recordAct(tx, work.officer, {
    action: 'incident.join',
    target: { kind: 'incident', id: joined },
    reason: work.note,
    details: { incidentIds: ids },
  });
  return joined;
}

/**
 * Parts reports from their incident, for ever: the machine puts them into one of their own, and never joins the two again. The id
 * stays with the larger part.
 *
 * @returns the incidents of the two parts
 * @throws HaloError `not_found` when there is no such incident, or one of the reports is not in it; `nothing_left` when all are
 */
export async function splitIncident(
  tx: Transaction,
  { writer, newId }: HandParts,
  incidentId: string,
  reportIds: readonly string[],
  work: HandWork,
): Promise<{ readonly kept: string; readonly parted: string }> {
  const incident = await liveIncident(tx, incidentId);
  const members = await membersOf(tx, [incident.id]);
  const parted = new Set(reportIds);
  const rest = members.filter(({ id }) => !parted.has(id));
  if (members.length - rest.length !== parted.size || parted.size === 0) throw notFound();
  const [other] = rest;
  if (other === undefined)
    throw new HaloError('nothing_left', 'An incident cannot be parted from all of its reports.', {
      status: 422,
      field: 'reportIds',
      hint: 'Leave at least one report where it is.',
    });
  const restPin = rest.find(({ pin }) => pin !== null)?.pin ?? newId();
  const partedPin = newId();
  const incidentOf = await writer.arrange(
    tx,
    new Map(members.map(({ id }) => [id, parted.has(id) ? partedPin : restPin])),
  );
  await keep(tx, incident, 'split', work);
  const made = { kept: incidentOf(other.id), parted: incidentOf([...parted][0] ?? '') };
  await recordAct(tx, work.officer, {
    action: 'incident.split',
    target: { kind: 'incident', id: incident.id },
    reason: work.note,
    details: made,
  });
  return made;
}

async function liveIncident(tx: Transaction, id: string): Promise<LiveIncident> {
  const incident = await lockLiveIncident(tx, id);
  if (incident === undefined || incident.reportCount === 0) throw notFound();
  return incident;
}

async function keep(
  tx: Transaction,
  incident: LiveIncident,
  what: 'joined' | 'split',
  work: HandWork,
): Promise<void> {
  const { id, region, status } = incident;
  await insertTransition(tx, {
    id: work.id,
    incidentId: id,
    region,
    actorId: work.officer.userId,
    from: status,
    to: what,
    note: work.note,
  });
}

function notFound(): HaloError {
  return new HaloError('not_found', 'There is no incident with such reports.', { status: 404 });
}
