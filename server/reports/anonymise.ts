import type { ReportStatus } from '@halo/shapes/taxonomy/states.ts';
import type { Transaction } from '../db/pool.ts';
import { forgetAuthor, forgetVersions, sayLess } from './forget-store.ts';
import { updateIncidents } from './incident-store.ts';
import { summariseIncident } from './incident-summary.ts';
import { lockNeighbourhood } from './neighbourhood.ts';
import { PUBLIC_RADIUS_M, publicPoint } from './public-point.ts';
import { reportLocks } from './report-locks.ts';
import * as store from './report-store.ts';
import type { ReportAnonymiser, ReportPlace } from './report.ts';
import { placesOf } from './version-store.ts';

/** Makes what takes reports from their authors and leaves them in their incidents. */
export function createReportAnonymiser(): ReportAnonymiser {
  return {
    async locks(tx, reportIds) {
      return (await placesOf(tx, reportIds)).flatMap(reportLocks);
    },

    async anonymise(tx, reportId) {
      // Whoever moves or withdraws it needs its incident's row, or the locks that the caller holds.
      const { contested } = await lockNeighbourhood(tx, { stored: [reportId], after: [] });
      const before = await store.readWhole(tx, reportId);
      if (before === undefined) return;
      const { status, ...says } = before;
      await forgetAuthor(tx, reportId);
      const revision = { ...says, description: '', place: anonymousPlace(says.place) };
      await store.reviseReport(tx, reportId, revision, status);
      await keepInIncident(tx, reportId, status, contested);
    },

    async forgetDetails(tx, reportId, { place, words }) {
      const { contested } = await lockNeighbourhood(tx, { stored: [reportId], after: [] });
      const before = await store.readWhole(tx, reportId);
      if (before === undefined) return;
      await forgetVersions(tx, reportId);
      const says = place ? anonymousPlace(before.place) : before.place;
      await sayLess(tx, reportId, words ? '' : before.description, says, place);
      await keepInIncident(tx, reportId, before.status, contested);
    },
  };
}

async function keepInIncident(
  tx: Transaction,
  reportId: string,
  status: ReportStatus,
  contested: ReadonlySet<string>,
): Promise<void> {
  const incidentId = (await store.incidentsOf(tx, [reportId])).get(reportId) ?? null;
  if (status === 'active' && incidentId !== null)
    await keepTogether(tx, incidentId, reportId, contested.has(incidentId));
}

/** Keeps an incident as it is, whatever its reports alone say from now on, and brings its row in line. */
async function keepTogether(
  tx: Transaction,
  incidentId: string,
  reportId: string,
  contested: boolean,
): Promise<void> {
  await store.holdIncident(tx, incidentId, reportId);
  const summary = summariseIncident(await store.membersOf(tx, [incidentId]));
  await updateIncidents(tx, [{ id: incidentId, summary, contested }]);
}

/** As everybody may know it: the centre of the cell, to within the cell. */
function anonymousPlace(place: ReportPlace): ReportPlace {
  if (place.precision !== 'point') return place;
  return { ...place, ...publicPoint(place), accuracyM: Math.max(place.accuracyM ?? 0, PUBLIC_RADIUS_M) };
}
