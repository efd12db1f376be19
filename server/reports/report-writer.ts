import type { Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { movePairings } from './cross-source/move-pairings.ts';
import { groupArrivals, groupReports } from './groups.ts';
import { staysHeld } from './held.ts';
import { planIncidents } from './incident-plan.ts';
import type { IncidentPlan } from './incident-plan.ts';
import {
  inheritDecisions,
  insertIncidents,
  markEmptied,
  markMerged,
  updateIncidents,
} from './incident-store.ts';
import { summariseIncident } from './incident-summary.ts';
import { lockNeighbourhood } from './neighbourhood.ts';
import { reportLocks } from './report-locks.ts';
import type { StoredReport } from './report-row.ts';
import * as store from './report-store.ts';
import type { NewReport, ReportWriter } from './report.ts';

/** What a report writer needs from outside. */
export interface ReportWriterParts {
  /** Makes the id of a new incident: a UUIDv7, so that the older of two incidents has the smaller id. */
  readonly newId: () => string;
}

/** Makes the writer that keeps incidents the connected groups of their reports. */
export function createReportWriter({ newId }: ReportWriterParts): ReportWriter {
  const recordAll: ReportWriter['recordAll'] = async (tx, reports) => {
    if (reports.length === 0) return [];
    const anonymous = await store.anonymousAmong(tx, reports);
    const arriving = reports.map((report): NewReport & StoredReport => ({
      ...report,
      anonymous: report.reporterId !== null && anonymous.has(report.reporterId),
      status: 'active',
      incidentId: null,
      pin: null,
    }));
    const near = await lockNeighbourhood(tx, { stored: [], after: arriving });
    const groups = groupArrivals(arriving, near.reached, near.members, near.contested);
    const plan = planIncidents(groups, near.incidentIds, newId);
    const incidentOf = await writeIncidents(tx, plan);
    const placed = arriving.map((report) => ({ report, incidentId: incidentOf(report.id) }));
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
      const { type, severity, occurredAt, description, place } = revision;
      const after: StoredReport = {
        ...before,
        type,
        severity,
        occurredAt,
        description,
        place,
        status: 'active',
      };
      const { incidentIds, members } = await lockNeighbourhood(tx, { stored: [reportId], after: [after] });
      // Read again under the locks: its incident may have been merged while they were awaited.
      const { incidentId, pin, held } = await existing(tx, reportId);
      await store.reviseReport(tx, reportId, revision);
      const others = members.filter(({ id }) => id !== reportId);
      const revised = { ...after, incidentId, pin, held: await stillHeldBy(tx, held, before, after, others) };
      const groups = groupReports([revised, ...others]);
      const plan = planIncidents(groups, incidentIds, newId, reportId);
      return { incidentId: (await writeIncidents(tx, plan))(reportId) };
    },

    async withdraw(tx, reportId) {
      if ((await existing(tx, reportId)).status === 'withdrawn') return;
      const { incidentIds, members } = await lockNeighbourhood(tx, { stored: [reportId], after: [] });
      await store.markWithdrawn(tx, reportId);
      const others = members.filter(({ id }) => id !== reportId);
      await writeIncidents(tx, planIncidents(groupReports(others), incidentIds, newId));
    },

    async arrange(tx, pins) {
      const { incidentIds, members } = await lockNeighbourhood(tx, { stored: [...pins.keys()], after: [] });
      await store.pinReports(tx, pins);
      const pinned = members.map((member) => ({ ...member, pin: pins.get(member.id) ?? member.pin }));
      return writeIncidents(tx, planIncidents(groupReports(pinned), incidentIds, newId));
    },
  };
}

/** By what a revised report is held from now on: by what it was, or by nothing where it says something else now. */
async function stillHeldBy(
  tx: Transaction,
  held: string | null | undefined,
  before: StoredReport,
  after: StoredReport,
  others: readonly StoredReport[],
): Promise<string | null> {
  if (held === null || held === undefined) return null;
  const together = others.filter((other) => other.held === held);
  if (staysHeld(before, after, together)) return held;
  await store.letGo(tx, before.id);
  return null;
}

async function existing(tx: Transaction, reportId: string): Promise<StoredReport> {
  const report = await store.readReport(tx, reportId);
  if (report === undefined)
    throw new HaloError('report_not_found', 'There is no report with this id.', { status: 404 });
  return report;
}

/** Writes the incidents of a plan and moves stored reports to theirs. Returns the incident of each report. */
async function writeIncidents(
  tx: Transaction,
  { groups, merged, emptied }: IncidentPlan<StoredReport>,
): Promise<(reportId: string) => string> {
  const planned = groups.map(({ incidentId, isNew, members, contested }) => ({
    id: incidentId,
    isNew,
    contested,
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
  const inherited = merged.filter(({ inherits }) => inherits);
  if (inherited.length > 0) await inheritDecisions(tx, inherited);
  if (kept.length > 0) await updateIncidents(tx, kept);
  if (moves.length > 0) await store.moveReports(tx, moves);
  if (merged.length > 0) {
    await markMerged(tx, merged);
    await movePairings(tx, merged);
  }
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
