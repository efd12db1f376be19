import type { Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import { groupReports } from './groups.ts';
import { planIncidents } from './incident-plan.ts';
import type { IncidentPlan } from './incident-plan.ts';
import { insertIncident, lockIncidents, markEmptied, markMerged, updateIncident } from './incident-store.ts';
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

/** The incidents that a change of a report can touch, locked, with all their other reports. */
interface Neighbourhood {
  readonly incidentIds: readonly string[];
  readonly others: readonly StoredReport[];
}

/** Makes the writer that keeps incidents the connected groups of their reports. */
export function createReportWriter({ newId }: ReportWriterParts): ReportWriter {
  return {
    locks: reportLocks,

    async record(tx, report) {
      const added: StoredReport = { ...report, status: 'active', incidentId: null };
      const { incidentIds, others } = await lockNeighbourhood(tx, added.id, added);
      // A new report only joins groups together: with all that it reaches it is one group.
      const plan = planIncidents([[added, ...others]], incidentIds, newId);
      const incidentId = await write(tx, plan, (id) => store.insertReport(tx, report, id));
      return { incidentId: incidentId(report.id) };
    },

    async revise(tx, reportId, revision) {
      const before = await existing(tx, reportId);
      const { type, severity, occurredAt, place } = revision;
      const after: StoredReport = { ...before, type, severity, occurredAt, place, status: 'active' };
      const { incidentIds, others } = await lockNeighbourhood(tx, reportId, after);
      // Read again under the locks: its incident may have been merged while they were awaited.
      const { incidentId } = await existing(tx, reportId);
      await store.reviseReport(tx, reportId, revision);
      const plan = planIncidents(groupReports([{ ...after, incidentId }, ...others]), incidentIds, newId);
      return { incidentId: (await write(tx, plan))(reportId) };
    },

    async withdraw(tx, reportId) {
      if ((await existing(tx, reportId)).status === 'withdrawn') return;
      const { incidentIds, others } = await lockNeighbourhood(tx, reportId, undefined);
      await store.markWithdrawn(tx, reportId);
      await write(tx, planIncidents(groupReports(others), incidentIds, newId));
    },
  };
}

async function existing(tx: Transaction, reportId: string): Promise<StoredReport> {
  const report = await store.readReport(tx, reportId);
  if (report === undefined)
    throw new HaloError('report_not_found', 'There is no report with this id.', { status: 404 });
  return report;
}

/**
 * Locks the incidents that a change of a report can touch: its own, and those of the reports that it will
 * link with (`after` is the report as it will be; undefined when it is withdrawn). The advisory locks keep
 * away whoever could link with this report, but its incident may have members far beyond them and be merged
 * or split by somebody else at this moment. So once the rows are locked everything is read again, until
 * nothing lies outside of them. The report's own row is not locked: whoever moves reports locks their
 * incidents first, and two orders of locking would make a deadlock.
 */
async function lockNeighbourhood(
  tx: Transaction,
  reportId: string,
  after: StoredReport | undefined,
): Promise<Neighbourhood> {
  const isStored = after?.incidentId !== null;
  const locked = new Map<string, 'live' | 'merged'>();
  for (let round = 0; round < MAX_LOCK_ROUNDS; round += 1) {
    const linked = after === undefined ? [] : await store.findLinked(tx, after);
    const own = isStored ? await store.readReport(tx, reportId) : undefined;
    const touched = [...linked, ...(own === undefined ? [] : [own])]
      .map(({ incidentId }) => incidentId)
      .filter((id) => id !== null);
    if (touched.every((id) => locked.has(id))) {
      const incidentIds = [...locked].filter(([, state]) => state === 'live').map(([id]) => id);
      const members = incidentIds.length === 0 ? [] : await store.membersOf(tx, incidentIds);
      return { incidentIds, others: members.filter(({ id }) => id !== reportId) };
    }
    for (const [id, state] of await lockIncidents(tx, [...locked.keys(), ...touched])) locked.set(id, state);
  }
  throw new HaloError('incident_contended', 'The incident is being changed too often at this moment.', {
    status: 503,
    hint: 'Try again.',
  });
}

/**
 * Writes what a plan says, new incidents first since reports refer to them. `insert` puts the new report in
 * the incident that the plan gives it. Returns the incident of each report.
 */
async function write(
  tx: Transaction,
  plan: IncidentPlan<StoredReport>,
  insert?: (incidentId: string) => Promise<void>,
): Promise<(reportId: string) => string> {
  const incidentOf = new Map<string, string>();
  for (const { incidentId, isNew, members } of plan.groups) {
    for (const { id } of members) incidentOf.set(id, incidentId);
    const summary = summariseIncident(members);
    await (isNew ? insertIncident(tx, incidentId, summary) : updateIncident(tx, incidentId, summary));
    const moved = members.filter((member) => member.incidentId !== null && member.incidentId !== incidentId);
    if (moved.length > 0)
      await store.moveReports(
        tx,
        moved.map(({ id }) => id),
        incidentId,
      );
    await insert?.(incidentId);
  }
  for (const { id, into } of plan.merged) await markMerged(tx, id, into);
  for (const id of plan.emptied) await markEmptied(tx, id);
  return (reportId) => {
    const incidentId = incidentOf.get(reportId);
    if (incidentId === undefined) throw new Error('the plan leaves a report out');
    return incidentId;
  };
}
