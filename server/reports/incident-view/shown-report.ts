import type { IncidentReport } from '@halo/shapes/protocol/incidents.ts';
import { DECIDERS } from '@halo/shapes/taxonomy/incident-transitions.ts';
import type { Caller } from '../../auth/identity.ts';
import { publicLocation } from '../incident-summary.ts';
import type { ReportOfIncident } from './view-store.ts';

/**
 * What a caller may see of a report. Its author and officers see where exactly, and its words; everybody else the centre of its
 * cell, and no words but those of an official source.
 */
export function shownReport(report: ReportOfIncident, { userId, role }: Caller): IncidentReport {
  const mine = report.reporterId === userId;
  const whole = mine || DECIDERS.includes(role);
  const { lat, lon, locationPrecision: precision, source } = report;
  return {
    id: report.id,
    source,
    type: report.type,
    occurredAt: report.occurredAt.toISOString(),
    ...(whole ? { lat, lon } : publicLocation({ lat, lon, precision })),
    locationPrecision: precision,
    exact: whole || precision !== 'point',
    accuracyM: whole ? report.accuracyM : null,
    description: whole || source === 'official' ? report.description : null,
    mine,
  };
}
