import { PUBLIC_RADIUS_M, publicPoint } from './public-point.ts';
import { reportLocks } from './report-locks.ts';
import { forgetAuthor, readWhole, reviseReport } from './report-store.ts';
import type { ReportAnonymiser, ReportPlace, ReportWriter } from './report.ts';
import { placesOf } from './version-store.ts';

/** Makes what takes reports from their authors; their incidents are kept right by `writer`. */
export function createReportAnonymiser(writer: Pick<ReportWriter, 'revise'>): ReportAnonymiser {
  return {
    async locks(tx, reportIds) {
      const places = await placesOf(tx, reportIds);
      return places.flatMap((place) => [...reportLocks(place), ...reportLocks(anonymousPlace(place))]);
    },

    async anonymise(tx, reportId) {
      const before = await readWhole(tx, reportId);
      if (before === undefined) return;
      const { status, ...says } = before;
      await forgetAuthor(tx, reportId);
      const revision = { ...says, description: '', place: anonymousPlace(says.place) };
      if (status === 'active') await writer.revise(tx, reportId, revision);
      else await reviseReport(tx, reportId, revision, status);
    },
  };
}

/** As everybody may know it: the centre of the cell, to within the cell. */
function anonymousPlace<Place extends Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>>(
  place: Place,
): Place {
  if (place.precision !== 'point') return place;
  return { ...place, ...publicPoint(place), accuracyM: Math.max(place.accuracyM ?? 0, PUBLIC_RADIUS_M) };
}
