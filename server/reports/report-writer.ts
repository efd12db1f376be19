import type { Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { groupArrivals, groupReports } from './groups.ts';
import { planIncidents } from './incident-plan.ts';
import type { IncidentPlan } from './incident-plan.ts';
import {
  inheritDecisions,
  insertIncidents,
  lockIncidents,
  markEmptied,
  markMerged,
  updateIncidents,
} from './incident-store.ts';
import { summariseIncident } from './incident-summary.ts';
import { reportLocks } from './report-locks.ts';
import type { StoredReport } from './report-row.ts';
import * as store from './report-store.ts';
import type { ReportWriter } from './report.ts';

/** What a report writer needs from outside. */
export interface ReportWriterParts {
  /** Makes the id of a new incident: a UUIDv7, so that the older of two incidents has the smaller id. */
  readonly newId: () => string;
}

/** How often the neighbourhood may change while its incidents are being locked. */
const MAX_LOCK_ROUNDS = 20;

/** The incidents that a change can touch, locked, with their reports. */
interface Neighbourhood {
  readonly incidentIds: readonly string[];
  readonly members: readonly StoredReport[];
  /** The incidents that a report of the change links with. */
  readonly reached: (reportId: string) => ReadonlySet<string>;
}

/** Makes the writer that keeps incidents the connected groups of their reports. */
export function createReportWriter({ newId }: ReportWriterParts): ReportWriter {
  const recordAll: ReportWriter['recordAll'] = async (tx, reports) => {
    if (reports.length === 0) return [];
    const arriving = reports.map((report): StoredReport => ({
      ...report,
      status: 'active',
      incidentId: null,
    }));
    const { incidentIds, members, reached } = await lockNeighbourhood(tx, {
      stored: undefined,
      after: arriving,
    });
    const plan = planIncidents(groupArrivals(arriving, reached, members), incidentIds, newId);
    const incidentOf = await writeIncidents(tx, plan);
    const placed = reports.map((report) => ({ report, incidentId: incidentOf(report.id) }));
    await store.insertReports(tx, placed);
    return placed.map(({ incidentId }) => ({ incidentId }));
  };
  return {
    locks: reportLocks,
    recordAll,

    async record(tx, report) {
      const [recorded] = await recordAll(tx, [report]);
      if (recorded === undefined) throw new Error('a report was recorded without an incident');
      return recorded;
    },

    async revise(tx, reportId, revision) {
      const before = await existing(tx, reportId);
      const { type, severity, occurredAt, place } = revision;
      const after: StoredReport = { ...before, type, severity, occurredAt, place, status: 'active' };
      const { incidentIds, members } = await lockNeighbourhood(tx, { stored: reportId, after: [after] });
      // Read again under the locks: its incident may have been merged while they were awaited.
      const { incidentId } = await existing(tx, reportId);
      await store.reviseReport(tx, reportId, revision);
      const others = members.filter(({ id }) => id !== reportId);
      const groups = groupReports([{ ...after, incidentId }, ...others]);
      const plan = planIncidents(groups, incidentIds, newId, reportId);
      return { incidentId: (await writeIncidents(tx, plan))(reportId) };
    },

    async withdraw(tx, reportId) {
      if ((await existing(tx, reportId)).status === 'withdrawn') return;
      const { incidentIds, members } = await lockNeighbourhood(tx, { stored: reportId, after: [] });
      await store.markWithdrawn(tx, reportId);
      const others = members.filter(({ id }) => id !== reportId);
      await writeIncidents(tx, planIncidents(groupReports(others), incidentIds, newId));
    },
  };
}

async function existing(tx: Transaction, reportId: string): Promise<StoredReport> {
  const report = await store.readReport(tx, reportId);
  if (report === undefined)
    throw new HaloError('report_not_found', 'There is no report with this id.', { status: 404 });
  return report;
}

/** What is about to change: a report that is stored already, and reports as they will be. */
interface Change {
  readonly stored: string | undefined;
  readonly after: readonly StoredReport[];
}

/**
 * Locks the incidents that a change can touch: the stored report's own, and those of the reports that will
 * be linked with. Which reports these are is asked once: whoever adds, revises or withdraws one of them holds
 * an advisory lock in common with the caller. But their incidents may have members far beyond those locks and
 * be merged or split by somebody else at this moment. So once the rows are locked it is read again where the
 * reports are, until none is outside of them. The reports' rows are not locked: whoever moves reports locks
 * their incidents first, and two orders of locking would make a deadlock.
 */
async function lockNeighbourhood(tx: Transaction, { stored, after }: Change): Promise<Neighbourhood> {
  const links = after.length === 0 ? [] : await store.findLinks(tx, after);
  const touched = [...new Set([...links.map(({ toId }) => toId), ...(stored === undefined ? [] : [stored])])];
  const locked = new Map<string, 'live' | 'merged'>();
  let incidentOf: ReadonlyMap<string, string | null> =
    stored === undefined
      ? new Map(links.map(({ toId, incidentId }) => [toId, incidentId]))
      : await store.incidentsOf(tx, touched);
  for (let round = 0; round < MAX_LOCK_ROUNDS; round += 1) {
    const wanted = [...new Set(incidentOf.values())].filter((id) => id !== null);
    if (wanted.every((id) => locked.has(id))) {
      const incidentIds = wanted.filter((id) => locked.get(id) === 'live');
      const members = incidentIds.length === 0 ? [] : await store.membersOf(tx, incidentIds);
      return { incidentIds, members, reached: reachedBy(links, incidentOf) };
    }
    for (const [id, state] of await lockIncidents(tx, [...locked.keys(), ...wanted])) locked.set(id, state);
    incidentOf = await store.incidentsOf(tx, touched);
  }
  throw new HaloError('incident_contended', 'The incident is being changed too often at this moment.', {
    status: 503,
    hint: 'Try again.',
  });
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

/** Writes the incidents of a plan and moves stored reports to theirs. Returns the incident of each report. */
async function writeIncidents(
  tx: Transaction,
  { groups, merged, emptied }: IncidentPlan<StoredReport>,
): Promise<(reportId: string) => string> {
  const planned = groups.map(({ incidentId, isNew, members }) => ({
    id: incidentId,
    isNew,
    summary: summariseIncident(members),
  }));
  const created = planned.filter(({ isNew }) => isNew);
  const kept = planned.filter(({ isNew }) => !isNew);
  const moves = groups.flatMap(({ incidentId, members }) =>
    members
      .filter((member) => member.incidentId !== null && member.incidentId !== incidentId)
      .map(({ id }) => ({ reportId: id, incidentId })),
  );
  if (created.length > 0) await insertIncidents(tx, created);
  if (merged.length > 0) await inheritDecisions(tx, merged);
  if (kept.length > 0) await updateIncidents(tx, kept);
  if (moves.length > 0) await store.moveReports(tx, moves);
  if (merged.length > 0) await markMerged(tx, merged);
  if (emptied.length > 0) await markEmptied(tx, emptied);
  const incidentOf = new Map(
    groups.flatMap(({ incidentId, members }) => members.map(({ id }) => [id, incidentId])),
  );
  return (reportId) => {
    const incidentId = incidentOf.get(reportId);
    if (incidentId === undefined) throw new Error('the plan leaves a report out');
    return incidentId;
  };
}
